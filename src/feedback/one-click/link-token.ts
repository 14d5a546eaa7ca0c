import { createHmac, timingSafeEqual } from 'node:crypto';
import type { AccountId, AddressKey, Instant } from '../../store/contract.js';

/** What an unsubscribe link says: this recipient wants no more mail of this account. */
export interface LinkClaim {
  readonly account: AccountId;
  readonly key: AddressKey;
  /** The list that it is in (RFC 2919), in lower case without spaces or angle brackets; null: all mail of the account. */
  readonly list: string | null;
  /** The link is good until then. */
  readonly expiresAt: Instant;
}

export type LinkReading =
  | { readonly ok: true; readonly claim: LinkClaim }
  /** `forged`: not made with any of our keys, or changed since. */
  | { readonly ok: false; readonly why: 'malformed' | 'forged' | 'expired' };

/** 128 bits: what nobody can guess, in 22 characters. */
const MAC_OCTETS = 16;
/** An address has 320 octets at most, an account 128: more than this is no token of ours. */
const MOST_CHARACTERS = 800;
/** What is signed with the same key for another purpose must not pass here. */
const PURPOSE = 'one-click unsubscribe 1\n';

/** A token for a URL (RFC 8058 §3.1: it identifies recipient and list, and is hard to forge). */
export function signLink({ account, key, list, expiresAt }: LinkClaim, secret: string): string {
  const seconds = Math.floor(expiresAt / 1000).toString(36);
  // No address begins with `<`: what does must not be taken for a list.
  const named = list === null && !key.startsWith('<') ? key : `<${list ?? ''}> ${key}`;
  const payload = Buffer.from(`${seconds} ${account} ${named}`).toString('base64url');
  return `${payload}.${macOf(payload, secret).toString('base64url')}`;
}

/** @param base where the listener is reached, without a slash at its end */
export function linkUrl(base: string, claim: LinkClaim, secret: string): string {
  return `${base}/u/${signLink(claim, secret)}`;
}

/**
 * @param secrets all that are still valid, the present one first
 * @param now ms since the epoch
 */
export function readLink(token: string, secrets: readonly string[], now: Instant): LinkReading {
  const found = token.length > MOST_CHARACTERS ? null : /^([\w-]+)\.([\w-]{22})$/.exec(token);
  if (found === null) return { ok: false, why: 'malformed' };
  const [, payload = '', mac = ''] = found;
  const given = Buffer.from(mac, 'base64url');
  const genuine = secrets.filter((secret) => timingSafeEqual(given, macOf(payload, secret))).length > 0;
  if (!genuine) return { ok: false, why: 'forged' };
  const claim = /^([0-9a-z]+) (\S+) (?:<([^<>]*)> )?(.+)$/s.exec(Buffer.from(payload, 'base64url').toString());
  if (claim === null) return { ok: false, why: 'malformed' };
  const [, seconds = '', account = '', list = '', key = ''] = claim;
  const expiresAt = Number.parseInt(seconds, 36) * 1000;
  return expiresAt > now
    ? { ok: true, claim: { account, key, list: list === '' ? null : list, expiresAt } }
    : { ok: false, why: 'expired' };
}

function macOf(payload: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(PURPOSE).update(payload).digest().subarray(0, MAC_OCTETS);
}
