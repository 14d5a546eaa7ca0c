import type { MailboxList } from './findings.js';
import type { HeaderSection } from './inspection.js';

/** Reads an address list (RFC 5322 §3.4): the raw value of a From, To … field. */
export function parseMailboxList(_raw: string): MailboxList {
  return { mailboxes: [], malformed: false, groups: [] };
}

/** The mailboxes of all fields of this name (lower case) together. */
export function mailboxesOf(_header: HeaderSection, _key: string): MailboxList {
  return { mailboxes: [], malformed: false, groups: [] };
}
