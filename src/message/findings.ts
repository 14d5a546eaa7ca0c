/**
 * What the finders say about an inspected message. Finders are pure and judge
 * nothing: what follows from a finding is the rules' business.
 */

import type { Address } from '../smtp/address.js';

/** One mailbox of From, To … (RFC 5322 §3.4). */
export interface Mailbox {
  /** Decoded display name, or comment in its place; empty: none. */
  readonly name: string;
  /** Null: it cannot be read as an address. */
  readonly address: Address | null;
  /** The address as spelled, comments and space taken off. */
  readonly spelling: string;
  /** Decoded name of the group that it is in; null: in none. */
  readonly group: string | null;
}

export interface MailboxList {
  readonly mailboxes: readonly Mailbox[];
  /** Something in it is not as RFC 5322 says; what could be read is there. */
  readonly malformed: boolean;
  /** Names of groups, also of empty ones (`undisclosed-recipients:;`). */
  readonly groups: readonly string[];
}

/** What kind of message it is, by its header section and structure. The first that applies. */
export type MessageKind =
  | 'delivery-status'
  | 'disposition-notification'
  | 'feedback-report'
  | 'calendar'
  | 'auto-reply'
  | 'reply'
  | 'forward'
  | 'ordinary';

// ---------------------------------------------------------------- bulk

export interface BulkSign {
  /** The field, in lower case: `list-id`, `list-unsubscribe`, `precedence`, `feedback-id` … */
  readonly sign: string;
  readonly value: string;
}

// ---------------------------------------------------------------- unsubscribe

export interface UnsubscribeMeans {
  /**
   * `one-click`: RFC 8058. `list-unsubscribe`: RFC 2369, one for each URI. `link`:
   * in the text. `reply`: instructions to reply or write with a word in the subject.
   */
  readonly kind: 'one-click' | 'list-unsubscribe' | 'link' | 'reply';
  /** `header`, or the path of the text part. */
  readonly where: string;
  /** The URI, or the words of the text. */
  readonly value: string;
  /** Words by which a link or instruction was known, and their language; null for header fields. */
  readonly words: { readonly language: string; readonly phrase: string } | null;
  /** Null: well-formed. Otherwise what is wrong with it, in a sentence without full stop. */
  readonly problem: string | null;
}

export interface UnsubscribeFinding {
  /** Well-formed and malformed ones. */
  readonly means: readonly UnsubscribeMeans[];
  /** At least one is well-formed. */
  readonly found: boolean;
  /** RFC 8058 is wholly met (but for the DKIM signature). */
  readonly oneClick: boolean;
}

// ---------------------------------------------------------------- revocation notice

export interface RevocationNotice {
  readonly part: string;
  /** The sentence, cut to 300 characters. */
  readonly sentence: string;
  readonly language: string;
  /** Longest time that it states, in hours; business days count as 24 h. 0: at once. Null: none is stated. */
  readonly hours: number | null;
}

export interface RevocationFinding {
  readonly notices: readonly RevocationNotice[];
  /** A notice states a time of at most so many hours as asked for. */
  readonly found: boolean;
  /** The longest stated time beyond them; null: none. */
  readonly longer: RevocationNotice | null;
}

// ---------------------------------------------------------------- recipients

/**
 * `to`, `cc`: as a mailbox of the field. `to-name`: in the display name of
 * another's mailbox. `text`: in visible text, also percent-encoded. `mailto`:
 * target of a visible link. `link-url`: elsewhere in the URL of a visible link,
 * so in the body and not to be seen. `hidden`: in hidden text or a hidden link.
 */
export type Sighting = 'to' | 'cc' | 'to-name' | 'text' | 'mailto' | 'link-url' | 'hidden';

export interface RecipientFinding {
  /** `Address.key` of the one looked for. */
  readonly key: string;
  readonly sightings: readonly Sighting[];
  /** In To, in text or as mailto: what the policy asks for. */
  readonly visible: boolean;
  /** `text` or `mailto` holds for whichever alternative is shown. */
  readonly everyAlternative: boolean;
}

// ---------------------------------------------------------------- subject, postal address

export interface SubjectFinding {
  /** Decoded; null: there is no Subject field. */
  readonly subject: string | null;
  /** Missing, or nothing but space and invisible characters. */
  readonly empty: boolean;
  /** `Re:` and its kin in any language, as spelled; null: none. */
  readonly replyPrefix: string | null;
  /** `Fwd:` and its kin. */
  readonly forwardPrefix: string | null;
  /** In-Reply-To or References has a message identifier. */
  readonly threaded: boolean;
  /** Tricks to look like what it is not: `many-spaces`, `invisible-characters`, `mixed-scripts`, `direction-override`, `all-capitals`. */
  readonly oddities: readonly string[];
}

export interface PostalAddressSign {
  readonly part: string;
  /** Lines that look like it, cut to 200 characters. */
  readonly text: string;
  /** `registered`: the one asked for. Otherwise by what it was known. */
  readonly by: 'registered' | 'postcode-and-street' | 'po-box';
}

// ---------------------------------------------------------------- source

/**
 * `missing`, `duplicated`, `malformed`, `empty`: of a field that there must be or may be
 * one of. `date-far-off`. `several-authors`: From has several mailboxes and
 * there is no Sender. `smuggling`: a header defect by which two readers see two
 * header sections. `forged-trace`: Received, Return-Path or
 * Authentication-Results that only a receiving host may write.
 * `display-name-address`: a display name that is another address.
 */
export type SourceProblem =
  | 'missing'
  | 'duplicated'
  | 'malformed'
  | 'empty'
  | 'date-far-off'
  | 'several-authors'
  | 'smuggling'
  | 'forged-trace'
  | 'display-name-address';

export interface SourceFinding {
  readonly problem: SourceProblem;
  /** Field name in its usual spelling; null: of no field. */
  readonly field: string | null;
  /** For a person, in a sentence without full stop; foreign text in it is cut to 100 characters. */
  readonly detail: string;
}
