import { createHmac, timingSafeEqual } from 'node:crypto';

export type TokenReading =
  | { readonly ok: true; readonly payload: string }
  /** `forged`: not made with any of our keys for this purpose, or changed since. */
  | { readonly ok: false; readonly why: 'malformed' | 'forged' };

/** 128 bits: what nobody can guess, in 22 characters. */
const MAC_OCTETS = 16;
/** An address has 320 octets at most, an account 128, a list 255: more than this is no token of ours. */
const MOST_CHARACTERS = 1200;

/**
 * A text that only we can have written, for a URL.
 *
 * @param purpose what is signed with the same key for another purpose does not pass here
 */
export function signToken(payload: string, purpose: string, secret: string): string {
  const encoded = Buffer.from(payload).toString('base64url');
  return `${encoded}.${macOf(encoded, purpose, secret).toString('base64url')}`;
}

/** @param secrets all that are still valid, the present one first */
export function readToken(token: string, purpose: string, secrets: readonly string[]): TokenReading {
  const found = token.length > MOST_CHARACTERS ? null : /^([\w-]+)\.([\w-]{22})$/.exec(token);
  if (found === null) return { ok: false, why: 'malformed' };
  const [, encoded = '', mac = ''] = found;
  const given = Buffer.from(mac, 'base64url');
  const genuine = secrets.filter((secret) => timingSafeEqual(given, macOf(encoded, purpose, secret))).length > 0;
  return genuine ? { ok: true, payload: Buffer.from(encoded, 'base64url').toString() } : { ok: false, why: 'forged' };
}

function macOf(encoded: string, purpose: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(`${purpose}\n`).update(encoded).digest().subarray(0, MAC_OCTETS);
}
