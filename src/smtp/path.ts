/**
 * The argument of MAIL FROM: and RCPT TO:, read by the grammar of RFC 5321
 * §4.1.2 with the extensions of RFC 6531 §3.3.
 *
 * More generous than the grammar where real mail needs it and the relay can
 * still refuse: dots anywhere in a local part (`a..b@`, found at Japanese
 * mobile operators), underscores in domains, missing angle brackets, spaces
 * after the colon, local parts up to 256 octets (VERP and SRS outgrow the 64 of
 * §4.5.3.1.1) and paths up to 1 KiB (§4.5.3.1.3 says 256, and §4.5.3.1 asks for
 * no limits where they can be avoided). Stricter in nothing but what would give
 * one mailbox two keys or let a command be read differently by the relay:
 * control characters, a trailing dot.
 *
 * A source route (`<@a,@b:c@d>`) is read and not forwarded, as RFC 5321
 * Appendix C says.
 */

import { type Address, makeAddress, normaliseDomain, UNQUOTED } from './address.js';

export interface Path {
  /** With angle brackets, as it goes to the relay: the client's own spelling of the mailbox, or `<>`. */
  readonly spelling: string;
  /** Null: the null reverse-path. */
  readonly address: Address | null;
  /** True when `spelling` has other than ASCII characters, so that the command needs SMTPUTF8 (RFC 6531 §3.4). */
  readonly needsUtf8: boolean;
}

export type PathResult =
  | {
      readonly ok: true;
      readonly path: Path /** What follows the path: the parameters, not yet read. */;
      readonly rest: string;
    }
  | { readonly ok: false /** For a person; nothing of the client's is in it. */; readonly reason: string };

const MAX_LOCAL_OCTETS = 256;
const MAX_PATH_OCTETS = 1024;

// What a decoder makes of invalid UTF-8 is refused with the control characters:
// the relay would see other bytes than we judged.
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\ufffd]/u;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
const NON_ASCII = /[^\x00-\x7f]/;
const DOT_STRING = new RegExp(`[${UNQUOTED}]+`, 'uy');
const QUOTED_STRING = /"((?:[^"\\]|\\.)*)"/uy;
const DOMAIN = /\[[^\]\s]*\]|[A-Za-z0-9._\-\u{80}-\u{10ffff}]+/uy;
const SOURCE_ROUTE = /@[^\s<>:,@"]+(?:,@[^\s<>:,@"]+)*:/uy;

/** Reads a path at the start of `text`, which is all that followed the colon. */
export function parsePath(text: string): PathResult {
  const argument = text.trimStart();
  if (UNPRINTABLE.test(argument)) return refused('control characters or invalid UTF-8');
  if (argument.startsWith('<>')) return afterPath(argument, 2, nullPath);
  const bracketed = argument.startsWith('<');
  let at = bracketed ? 1 : 0;
  if (bracketed) at = skip(SOURCE_ROUTE, argument, at) ?? at;
  const mailbox = readMailbox(argument, at, bracketed);
  if (!mailbox.ok) return mailbox;
  let end = mailbox.end;
  if (bracketed) {
    if (argument[end] !== '>') return refused('the closing angle bracket is missing or misplaced');
    end += 1;
  }
  const address = mailbox.address;
  if (Buffer.byteLength(address.spelling) > MAX_PATH_OCTETS) return refused('the path is too long');
  return afterPath(argument, end, {
    spelling: `<${address.spelling}>`,
    address,
    needsUtf8: NON_ASCII.test(address.spelling),
  });
}

/** MAIL FROM: a mailbox or `<>`. */
export function parseReversePath(text: string): PathResult {
  const result = parsePath(text);
  if (result.ok && result.path.address?.domain === '') return refused('the domain is missing');
  return result;
}

/** RCPT TO: a mailbox, or `<postmaster>` without domain (RFC 5321 §4.1.1.3). */
export function parseForwardPath(text: string): PathResult {
  const result = parsePath(text);
  if (result.ok && result.path.address === null) return refused('a recipient is needed');
  return result;
}

/** A mailbox by itself, from a file or a command line: `a@example.com`, with angle brackets or without. Null: not one. */
export function parseAddress(text: string): Address | null {
  const result = parsePath(text.trim());
  return result.ok && result.rest === '' ? result.path.address : null;
}

const nullPath: Path = { spelling: '<>', address: null, needsUtf8: false };

function refused(reason: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason };
}

function afterPath(argument: string, end: number, path: Path): PathResult {
  const rest = argument.slice(end);
  if (rest !== '' && !rest.startsWith(' ')) return refused('a space must follow the path');
  return { ok: true, path, rest: rest.trim() };
}

function skip(pattern: RegExp, text: string, at: number): number | null {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : null;
}

type MailboxResult =
  | { readonly ok: true; readonly address: Address; readonly end: number }
  | { readonly ok: false; readonly reason: string };

function readMailbox(text: string, start: number, bracketed: boolean): MailboxResult {
  const local = readLocal(text, start);
  if (local === null) return refused('the local part is missing or malformed');
  if (Buffer.byteLength(local.value) > MAX_LOCAL_OCTETS) return refused('the local part is too long');
  if (text[local.end] !== '@') {
    // RFC 5321 §4.5.1: postmaster is the one local part that needs no domain.
    if (!bracketed || local.value.toLowerCase() !== 'postmaster') return refused('the domain is missing');
    return { ok: true, address: makeAddress(text.slice(start, local.end), local.value, ''), end: local.end };
  }
  const end = skip(DOMAIN, text, local.end + 1);
  if (end === null) return refused('the domain is missing or malformed');
  const domain = normaliseDomain(text.slice(local.end + 1, end));
  if (domain === null) return refused('the domain is malformed');
  return { ok: true, address: makeAddress(text.slice(start, end), local.value, domain), end };
}

function readLocal(text: string, start: number): { readonly value: string; readonly end: number } | null {
  const quoted = text[start] === '"';
  const end = skip(quoted ? QUOTED_STRING : DOT_STRING, text, start);
  if (end === null) return null;
  const spelling = text.slice(start, end);
  return { value: quoted ? spelling.slice(1, -1).replace(/\\(.)/gu, '$1') : spelling, end };
}
