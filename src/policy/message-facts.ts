/**
 * What is known of a message when it is judged: findings and answers, plain data
 * without the message's text, so that they can be kept and judged again. Only
 * what a rule needs is there (`MessageNeed`); the rest is null or empty.
 */

import type { ListingsAnswer, MailDomain, PatternMatch, SpamVerdict, VirusVerdict } from '../lookup/contract.js';
import type { DkimSignature } from '../message/dkim-signatures.js';
import type {
  BulkSign,
  Mailbox,
  MessageKind,
  PostalAddressSign,
  RecipientFinding,
  RevocationFinding,
  SourceFinding,
  SubjectFinding,
  UnsubscribeFinding,
} from '../message/findings.js';
import type { CampaignState, Consent, RegisteredDomain, SubscriptionRevocation } from '../store/contract.js';

/** What a message rule asks to know. `bulk`: whether the message is bulk, and with it its campaign. */
export type MessageNeed =
  | 'bulk'
  | 'sender'
  | 'source'
  | 'sender-domain'
  | 'subject'
  | 'recipients'
  | 'unsubscribe'
  | 'notice'
  | 'postal-address'
  | 'registration'
  | 'consent'
  | 'subscriptions-left'
  | 'scans'
  | 'listings'
  | 'signatures';

export interface MessageFindings {
  readonly kind: MessageKind;
  /** Some of the text could not be read: encrypted, an unknown charset, beyond a bound. What was not found may be there. */
  readonly opaque: boolean;
  readonly bulk: BulkFindings;
  readonly mailboxes: readonly SenderMailbox[];
  readonly source: readonly SourceFinding[];
  /** Of the first From mailbox, and of the reverse-path. */
  readonly senderDomains: readonly MailDomain[];
  readonly subject: SubjectFinding | null;
  /** In the order of the recipients. */
  readonly recipients: readonly RecipientFinding[];
  readonly unsubscribe: UnsubscribeFinding | null;
  readonly notice: RevocationFinding | null;
  readonly postalAddresses: readonly PostalAddressSign[];
  /** Domain of the first From mailbox; null: it cannot be read. */
  readonly fromDomain: string | null;
  /** What the account registered for that domain or one above it. */
  readonly registration: RegisteredDomain | null;
  /** In the order of the recipients. */
  readonly consents: readonly (Consent | null)[];
  /** In the order of the recipients: the revocation of a single list or stream that the message would go against. Absent: nobody asked. */
  readonly subscriptionsLeft?: readonly (SubscriptionRevocation | null)[];
  readonly virus: VirusVerdict | null;
  readonly spam: SpamVerdict | null;
  readonly patterns: readonly PatternMatch[];
  readonly listings: ListingsAnswer | null;
  readonly signatures: readonly DkimSignature[];
}

export type SenderField = 'From' | 'Sender' | 'Reply-To' | 'Resent-From' | 'Resent-Sender';

export interface SenderMailbox extends Pick<Mailbox, 'name' | 'address' | 'spelling'> {
  readonly field: SenderField;
}

export interface BulkFindings {
  /** Why the message counts as bulk; null: it does not. */
  readonly why: 'declared' | 'plan' | 'detected' | null;
  readonly signs: readonly BulkSign[];
  /** The declared transactional stream that it belongs to; null: none. */
  readonly stream: string | null;
  /** Null: nobody asked, or the message says too little to be alike another. */
  readonly campaign: CampaignFacts | null;
}

export interface CampaignFacts {
  readonly id: string;
  readonly state: CampaignState;
  /** What was decided about all campaigns of the account. */
  readonly ofAccount: CampaignState;
  readonly messages: number;
  /** Distinct recipients, this message's included, by length of window. */
  readonly reached: readonly { readonly perMs: number; readonly recipients: number }[];
}
