import type { RelayPool } from '../relay/contract.js';
import type { AccountId } from '../store/contract.js';
import type { Batch } from './batch.js';
import type { Carrier } from './carrier.js';
import { composed } from './compose.js';
import { handOver } from './hand-over.js';
import { type NoticeWords, noticeText } from './notice-text.js';

export interface MailSettings {
  /** As the From field has it. */
  readonly from: string;
  readonly replyTo: string | null;
  /** '' is the null reverse-path: nobody is told of bounces. */
  readonly reversePath: string;
  /** Our name in message ids. */
  readonly hostname: string;
}

export class MailCarrier implements Carrier {
  constructor(
    private readonly settings: MailSettings,
    private readonly relay: RelayPool,
    private readonly words: () => NoticeWords,
    private readonly addressesOf: (account: AccountId) => readonly string[],
  ) {}

  async carry(batch: Batch): Promise<void> {
    const to = this.addressesOf(batch.account);
    if (to.length === 0) return;
    const { from, replyTo, reversePath, hostname } = this.settings;
    const { subject, text } = noticeText(batch, this.words());
    const octets = await composed({ messageId: `notice.${batch.id}@${hostname}`, from, replyTo, to, subject, text });
    await handOver(this.relay, { from: reversePath, to, octets });
  }
}
