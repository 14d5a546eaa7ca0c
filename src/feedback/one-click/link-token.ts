import type { AccountId, AddressKey, Instant, Subscriptions } from '../../store/contract.js';
import { readToken, signToken } from '../signed-token.js';

/** What an unsubscribe link says: this recipient wants no more mail of this account, or of its list or stream, whose names have no spaces or angle brackets. */
export interface LinkClaim extends Subscriptions {
  readonly account: AccountId;
  readonly key: AddressKey;
  /** The link is good until then. */
  readonly expiresAt: Instant;
}

export type LinkReading =
  | { readonly ok: true; readonly claim: LinkClaim }
  /** `forged`: not made with any of our keys, or changed since. */
  | { readonly ok: false; readonly why: 'malformed' | 'forged' | 'expired' };

const PURPOSE = 'one-click unsubscribe 1';

/** A token for a URL (RFC 8058 §3.1: it identifies recipient and list, and is hard to forge). */
export function signLink({ account, key, list, stream, expiresAt }: LinkClaim, secret: string): string {
  const seconds = Math.floor(expiresAt / 1000).toString(36);
  const of = `${list ?? ''}${stream === null ? '' : ` ${stream}`}`;
  // No address begins with `<`: what does must not be taken for a list.
  const named = of === '' && !key.startsWith('<') ? key : `<${of}> ${key}`;
  return signToken(`${seconds} ${account} ${named}`, PURPOSE, secret);
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
  const reading = readToken(token, PURPOSE, secrets);
  if (!reading.ok) return reading;
  const claim = /^([0-9a-z]+) (\S+) (?:<([^<> ]*)(?: ([^<> ]+))?> )?(.+)$/s.exec(reading.payload);
  if (claim === null) return { ok: false, why: 'malformed' };
  const [, seconds = '', account = '', list = '', stream = null, key = ''] = claim;
  const expiresAt = Number.parseInt(seconds, 36) * 1000;
  return expiresAt > now
    ? { ok: true, claim: { account, key, list: list === '' ? null : list, stream, expiresAt } }
    : { ok: false, why: 'expired' };
}
