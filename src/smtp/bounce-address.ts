/**
 * Envelope sender addresses that only we can have made (in the manner of BATV and
 * VERP): `bounce+TRANSACTION=DAY=MAC@domain`. A bounce to one names the
 * transaction, and proves that whoever sent it has seen our mail, or its bounce.
 * All in lower case, since MTAs on the way may change it (RFC 5321 §2.4).
 */

import { createHmac, timingSafeEqual } from 'node:crypto';
import { MS } from '../units/duration.js';

export interface BounceAddressSettings {
  /** In lower case. */
  readonly domain: string;
  readonly localPart: string;
  /** The first signs, all verify. */
  readonly keys: readonly string[];
  readonly validForMs: number;
}

/** Why an address proves nothing. */
export type NoProof = 'not-ours' | 'forged' | 'expired';

export type BounceProof =
  | { readonly ok: true; readonly transaction: string }
  | { readonly ok: false; readonly why: NoProof };

/** Of an HMAC-SHA-256: 80 bits, 16 characters of base 32. */
const MAC_OCTETS = 10;
const SIGNED = /^([a-z0-9_-]{1,16})\+([a-z0-9.]{1,40})=([a-z0-9]{1,6})=([0-9a-v]{16})$/;

/** @param now ms since the epoch */
export function signBounceAddress(transaction: string, settings: BounceAddressSettings, now: number): string {
  const { localPart, domain, keys, validForMs } = settings;
  const day = Math.ceil((now + validForMs) / MS.d).toString(36);
  const mac = macOf(keys[0] ?? '', transaction, day, settings);
  return `${localPart}+${transaction}=${day}=${mac}@${domain}`;
}

/** Reads an address of any case, without angle brackets. */
export function readBounceAddress(address: string, settings: BounceAddressSettings, now: number): BounceProof {
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf('@');
  if (lower.slice(at + 1) !== settings.domain) return { ok: false, why: 'not-ours' };
  const [, localPart, transaction = '', day = '', mac = ''] = SIGNED.exec(lower.slice(0, at)) ?? [];
  if (localPart !== settings.localPart) return { ok: false, why: 'not-ours' };
  const genuine = settings.keys.some((key) => same(macOf(key, transaction, day, settings), mac));
  if (!genuine) return { ok: false, why: 'forged' };
  if (Number.parseInt(day, 36) * MS.d < now) return { ok: false, why: 'expired' };
  return { ok: true, transaction };
}

function macOf(key: string, transaction: string, day: string, { localPart, domain }: BounceAddressSettings): string {
  const mac = createHmac('sha256', key).update(`${localPart}+${transaction}=${day}@${domain}`).digest();
  return BigInt(`0x${mac.subarray(0, MAC_OCTETS).toString('hex')}`)
    .toString(32)
    .padStart((MAC_OCTETS * 8) / 5, '0');
}

function same(one: string, other: string): boolean {
  return one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
}
