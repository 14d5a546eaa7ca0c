import { isIPv4, isIPv6 } from 'node:net';
import { domainToASCII } from 'node:url';

/**
 * A mailbox, parsed once at the door (RFC 5321 §4.1.2, RFC 6531) and never again
 * a string. `spelling` goes to the relay as the client wrote it; `key` is what
 * we compare and store by.
 */
export interface Address {
  /** The client's own spelling of the mailbox, without angle brackets and source route. */
  readonly spelling: string;
  /** Local part with quotes and escapes taken off. */
  readonly local: string;
  /** Domain as A-labels in lower case, or an address literal `[192.0.2.1]`, `[IPv6:2001:db8::1]`; empty for a bare `postmaster`. */
  readonly domain: string;
  /** Normal form: local part case-folded and quoted only where it must be, `@`, domain. Reads as an address again, with the same key. */
  readonly key: string;
  /** `key` without a `+tag`; null when there is none. */
  readonly untaggedKey: string | null;
}

/**
 * RFC 5321 §4.5.3.1.2: 255 octets, which is also all that the DNS can hold;
 * counted in the A-label form. One label: 63 (RFC 1035 §2.3.4).
 */
const MAX_DOMAIN_OCTETS = 255;

// An underscore is no host name character, but mail domains with one exist and
// whether to take them is the relay's business.
const ASCII_DOMAIN = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*$/;
const A_LABEL = /(?:^|\.)xn--/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
const ASCII = /^[\x00-\x7f]*$/;
/** RFC 5321 §4.1.3 General-address-literal: Standardized-tag ":" 1*dcontent. */
const GENERAL_LITERAL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?:[\x21-\x5a\x5e-\x7e]+$/;

/** The address of a local part and domain that `normaliseDomain` gave. */
export function makeAddress(spelling: string, local: string, domain: string): Address {
  const folded = foldLocal(local);
  const plus = folded.indexOf('+');
  return {
    spelling,
    local,
    domain,
    key: `${spellLocal(folded)}@${domain}`,
    untaggedKey: plus > 0 ? `${spellLocal(folded.slice(0, plus))}@${domain}` : null,
  };
}

/**
 * The local part as we compare by: RFC 5321 §2.4 lets it be case-sensitive, but
 * no limit or suppression may be evaded by a change of case. NFC as RFC 6530
 * §10.1 advises; twice, since lower-casing can leave a form that composes.
 */
export function foldLocal(local: string): string {
  if (ASCII.test(local)) return local.toLowerCase();
  return local.normalize('NFC').toLowerCase().normalize('NFC');
}

/** What a local part may have without quotes: atoms and dots in any order (see path.ts). */
export const UNQUOTED = "A-Za-z0-9!#$%&'*+\\-/=?^_`{|}~.\\u{80}-\\u{10ffff}";
const UNQUOTED_LOCAL = new RegExp(`^[${UNQUOTED}]+$`, 'u');

function spellLocal(local: string): string {
  return UNQUOTED_LOCAL.test(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`;
}

/**
 * The normal form of a domain or address literal as a client spelled it: A-labels
 * in lower case, literals in one spelling of the address. Null: not a domain.
 * A trailing dot is refused, or one mailbox would have two keys.
 */
export function normaliseDomain(spelling: string): string | null {
  if (spelling.startsWith('[')) return normaliseLiteral(spelling);
  const lower = spelling.toLowerCase();
  if (ASCII.test(spelling)) {
    if (!ASCII_DOMAIN.test(lower) || lower.length > MAX_DOMAIN_OCTETS) return null;
    // An A-label that IDNA cannot read is left to the relay to refuse.
    return A_LABEL.test(lower) ? asciiDomain(lower) || lower : lower;
  }
  const ascii = asciiDomain(spelling);
  return ASCII_DOMAIN.test(ascii) && ascii.length <= MAX_DOMAIN_OCTETS ? ascii : null;
}

/**
 * `domainToASCII` reads a URL's host: it would percent-decode, and read a last
 * label of digits as part of an IPv4 address. Neither may happen to a mail domain.
 */
function asciiDomain(domain: string): string {
  return /[\x21-\x2c/:;<=>?@[\\\]^`{|}~]/.test(domain) ? '' : domainToASCII(domain);
}

/** RFC 5321 §4.1.3. */
function normaliseLiteral(spelling: string): string | null {
  if (!spelling.endsWith(']') || spelling.length > MAX_DOMAIN_OCTETS) return null;
  const inner = spelling.slice(1, -1);
  if (isIPv4(inner)) return `[${inner}]`;
  const lower = inner.toLowerCase();
  if (lower.startsWith('ipv6:')) {
    const ip = lower.slice('ipv6:'.length);
    // A zone (`fe80::1%eth0`) means nothing on another machine.
    if (!isIPv6(ip) || ip.includes('%')) return null;
    return `[IPv6:${new URL(`http://[${ip}]`).hostname.slice(1, -1)}]`;
  }
  return GENERAL_LITERAL.test(lower) ? `[${lower}]` : null;
}
