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
  /** Normal form: local part case-folded, `@`, domain. */
  readonly key: string;
  /** `key` without a `+tag`; null when there is none. */
  readonly untaggedKey: string | null;
}
