import type { Delivery } from './log-event.js';
import type { QueueFile } from './queue-file.js';

/** A delivery with the way that the message came inside the relay. */
export interface TracedDelivery extends Delivery {
  /** Queue ids of this relay, the first being what the client was told, the last that of the line. */
  readonly chain: readonly string[];
  /** Reverse-path of the first; empty for `<>`, null when the log did not say. */
  readonly sender: string | null;
  readonly messageId: string | null;
}

/** By what is known of the file now: chain, sender and original recipient may still come to light. */
export function traced(file: QueueFile, delivery: Delivery): TracedDelivery {
  const { lineage } = file;
  const root = lineage[0] ?? file;
  return {
    ...delivery,
    originalRecipient: file.originalOf(delivery),
    chain: lineage.map(({ id }) => id),
    sender: root.sender ?? file.sender,
    messageId: root.messageId ?? file.messageId,
  };
}
