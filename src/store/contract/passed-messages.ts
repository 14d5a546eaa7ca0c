import type { AccountId, AddressKey, Instant } from './values.js';

/** A message that the relay took: what a report about it is recognised by. */
export interface PassedMessage {
  /** The transaction id. */
  readonly id: string;
  readonly account: AccountId;
  /** As the client gave it; empty for `<>`. */
  readonly reversePath: string;
  /** What the relay calls it; null when it did not say. */
  readonly queueId: string | null;
  /** With angle brackets; null when the message has none. */
  readonly messageId: string | null;
  /** ENVID of MAIL (RFC 3461 §4.4), xtext undone. */
  readonly envid: string | null;
  /** Identifier of its list (RFC 2919) in lower case; absent or null: of none. */
  readonly list?: string | null;
  /** Name of its stream of campaigns; absent or null: of none that is known. */
  readonly stream?: string | null;
  /** Those that the relay accepted. */
  readonly recipients: readonly AddressKey[];
}

export interface RememberedMessage extends PassedMessage {
  readonly at: Instant;
}

export interface PassedMessageStore {
  /**
   * Remembers it for `windowMs` and counts its recipients for the account's
   * reputation. Not atomic: whoever looks meanwhile may find it by some of its
   * names only.
   */
  rememberPassed(message: PassedMessage, windowMs: number): Promise<void>;
  passedMessage(id: string): Promise<RememberedMessage | null>;
}
