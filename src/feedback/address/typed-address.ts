import { firstMailbox } from './mailboxes.js';

/** A value like `rfc822; bob@example.net` (RFC 3464 §2.1.2, generic-address). */
export interface TypedAddress {
  /** `local@domain`, source route, brackets and comments taken off; null when it is no mailbox. */
  readonly mailbox: string | null;
  /** The reporter's own spelling without the type. */
  readonly spelling: string;
}

const TYPE = /^\s*([a-z0-9-]{1,40})\s*;\s*/i;
/** RFC 5321 appendix F.2: `@relay,@other:bob@example.net`. */
const SOURCE_ROUTE = /^<?\s*@[^:<>"]{1,500}:/;
const X400_RFC822 = /(?:DDA|DD\.)[:.]?\s*RFC-?822\s*=\s*([^;/]{1,200})/i;

export function readTypedAddress(value: string): TypedAddress | null {
  const type = TYPE.exec(value)?.[1]?.toLowerCase() ?? '';
  const spelling = value.replace(TYPE, '').trim();
  if (spelling === '' || spelling === '<>') return null;
  if (type === 'x400' || type === 'x.400') return { mailbox: mailboxOfX400(spelling), spelling };
  return {
    mailbox: mailboxOf(type === 'utf-8' ? undoUnitext(spelling) : undoXtext(spelling)),
    spelling: bare(spelling),
  };
}

function bare(spelling: string): string {
  return /^<([^<>]*)>$/.exec(spelling)?.[1] ?? spelling;
}

function mailboxOf(spelling: string): string | null {
  // `"|/usr/bin/vacation bob"` and `/var/spool/mail/bob@host` are ways of delivery, not mailboxes.
  if (/^[<"]?\s*[|/]/.test(spelling) || /^:?include:/i.test(spelling)) return null;
  return firstMailbox(spelling.replace(SOURCE_ROUTE, '').replace(/^<\s+/, '<'));
}

/** MIXER writes a mailbox as a domain-defined attribute (RFC 2156 §4.2): `DDA:RFC-822=bob(a)example.net`. */
function mailboxOfX400(spelling: string): string | null {
  const inner = X400_RFC822.exec(spelling)?.[1];
  return inner === undefined ? null : firstMailbox(inner.replace(/\(a\)/i, '@'));
}

/** RFC 6533 §3, utf-8-addr-xtext and -unitext: `\x{fc}` is U+00FC. */
function undoUnitext(text: string): string {
  return text.replace(/\\x\{([0-9a-f]{1,6})\}/gi, (whole, hex: string) => {
    const code = Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

/** RFC 3461 §4; only what can be nothing else, since `+` stands in many a local part. */
export function undoXtext(text: string): string {
  return text.replace(/\+3D/g, '=').replace(/\+2B/g, '+');
}
