/** Finding mailboxes in what people and programs write. */

/** RFC 5321 §4.5.3.1. */
const MAX_LOCAL = 256;
const MAX_DOMAIN = 255;
/** What ends a local part to the left of its `@`, whatever the script. */
const BEFORE_LOCAL = /[\s<>()[\]:;,"'`@\\|、。，：；（）「」『』【】《》„“”‚‘’«»]/;
const DOMAIN_CHARACTER = /[\p{L}\p{N}._-]/u;
const DOMAIN =
  /^(?:[\p{L}\p{N}_](?:[\p{L}\p{N}_-]{0,62})(?:\.[\p{L}\p{N}_-]{1,63})*|\[(?:IPv6:)?[0-9a-fA-F.:]{2,45}\])$/u;
/** A host that is no domain of mailboxes: a file name, or the right side of a message id. */
const SPURIOUS = /\.(?:png|jpe?g|gif|html?|txt|eml)$/i;

export interface FoundMailbox {
  readonly address: string;
  /** Where it starts in the text, and where it ends. */
  readonly start: number;
  readonly end: number;
}

/** All mailboxes in a text, in order; at most `limit`. Linear: each `@` looks a bounded way to both sides. */
export function findMailboxes(text: string, limit = 5_000): FoundMailbox[] {
  const found: FoundMailbox[] = [];
  let at = text.indexOf('@');
  while (at !== -1 && found.length < limit) {
    const mailbox = mailboxAround(text, at);
    if (mailbox !== null) found.push(mailbox);
    at = text.indexOf('@', mailbox === null ? at + 1 : Math.max(mailbox.end, at + 1));
  }
  return found;
}

function mailboxAround(text: string, at: number): FoundMailbox | null {
  let start = localStart(text, at);
  // `dda:SMTP=bob@example.net` of an X.400 gateway.
  start += /^(?:smtp|rfc822|rfc-822)=/i.exec(text.slice(start, at))?.[0].length ?? 0;
  const end = domainEnd(text, at + 1);
  const local = text.slice(start, at);
  const domain = text.slice(at + 1, end);
  if (local === '' || !DOMAIN.test(domain) || SPURIOUS.test(domain)) return null;
  if (!local.startsWith('"') && /^\.*$/.test(local)) return null;
  return { address: `${local}@${domain}`, start, end };
}

function localStart(text: string, at: number): number {
  const earliest = Math.max(0, at - MAX_LOCAL);
  if (text[at - 1] === '"') {
    for (let open = at - 2; open >= earliest; open -= 1) {
      if (text[open] === '\n') break;
      if (text[open] === '"' && text[open - 1] !== '\\') return open < at - 2 ? open : at;
    }
    return at;
  }
  let start = at;
  while (start > earliest && !BEFORE_LOCAL.test(text[start - 1] ?? ' ')) start -= 1;
  // An apostrophe stands in names (o'neil) and around addresses ('bob@example.net').
  if (text[start - 1] === "'" && /[A-Za-z0-9]/.test(text[start - 2] ?? ' ')) {
    const name = /[A-Za-z0-9.]{1,64}$/.exec(text.slice(earliest, start - 1))?.[0] ?? '';
    start -= 1 + name.length;
  }
  return start;
}

function domainEnd(text: string, from: number): number {
  const latest = Math.min(text.length, from + MAX_DOMAIN);
  if (text[from] === '[') {
    const close = text.indexOf(']', from);
    return close === -1 || close >= latest ? from : close + 1;
  }
  let end = from;
  while (end < latest && DOMAIN_CHARACTER.test(text[end] ?? ' ')) end += 1;
  // A sentence's full stop is not part of it.
  while (end > from && /[.-]/.test(text[end - 1] ?? '')) end -= 1;
  return end;
}

/** The one mailbox of a text, or the first of several; null when there is none. */
export function firstMailbox(text: string): string | null {
  return findMailboxes(text, 1)[0]?.address ?? null;
}

/** Addresses of To, Cc, From and their like: those in angle brackets, or all where there are no brackets. */
export function addressesIn(field: string): string[] {
  return [...new Set(findMailboxes(field.replace(/"[^"@]{0,500}"/g, ' '), 1_000).map((found) => found.address))];
}

/** The same mailbox, as far as a report can tell: letters' case aside. */
export function sameMailbox(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

export function localPart(address: string): string {
  return address.slice(0, address.lastIndexOf('@')).toLowerCase();
}
