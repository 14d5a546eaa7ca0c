import type { AccountId, AddressKey, Instant } from '../../store/contract.js';
import { readToken, signToken } from '../signed-token.js';

/** What a confirmation link says: this recipient was asked for consent to mail of this account. */
export interface Invitation {
  readonly account: AccountId;
  readonly key: AddressKey;
  /** The link is good until then. */
  readonly expiresAt: Instant;
}

export type InvitationReading =
  | { readonly ok: true; readonly invitation: Invitation }
  /** `forged`: not made with any of our keys, or changed since. */
  | { readonly ok: false; readonly why: 'malformed' | 'forged' | 'expired' };

const PURPOSE = 'consent invitation 1';

/** @param base where the listener is reached, without a slash at its end */
export function invitationUrl(base: string, { account, key, expiresAt }: Invitation, secret: string): string {
  const seconds = Math.floor(expiresAt / 1000).toString(36);
  return `${base}/c/${signToken(`${seconds} ${account} ${key}`, PURPOSE, secret)}`;
}

/** @param now ms since the epoch */
export function readInvitation(token: string, secrets: readonly string[], now: Instant): InvitationReading {
  const reading = readToken(token, PURPOSE, secrets);
  if (!reading.ok) return reading;
  const [, seconds = '', account = '', key = ''] = /^([0-9a-z]+) (\S+) (.+)$/s.exec(reading.payload) ?? [];
  if (key === '') return { ok: false, why: 'malformed' };
  const expiresAt = Number.parseInt(seconds, 36) * 1000;
  return expiresAt > now ? { ok: true, invitation: { account, key, expiresAt } } : { ok: false, why: 'expired' };
}
