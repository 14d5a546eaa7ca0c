/**
 * Addresses in logs, made pseudonyms: the domain stays readable, the local part
 * becomes a short hash of the whole normal form. The same mailbox always gives
 * the same text, so that an operator can still follow it through the log; who
 * knows an address can find it again, so this hides addresses from readers of
 * the log, not from somebody who tries candidates.
 */

import { createHash } from 'node:crypto';
import { makeAddress, normaliseDomain } from '../smtp/address.js';

/** Good for telling mailboxes apart in a log: 48 bits. */
const HASH_DIGITS = 12;

// Anything that looks like a mailbox, wherever a relay or a client put it. The
// lookbehind lets a match begin only where a word does, so that the time stays
// proportional to the text.
const MAILBOX = /("(?:[^"\\]|\\.)+"|(?<![^\s<>()"',;:@])[^\s<>()"',;:@]+)@(\[[^\]\s]*\]|[^\s<>()"',;:@[\]]+)/gu;

/** Every mailbox in the text with its local part hashed: `~3f9a0c1b2d4e@example.com`. */
export function redactAddresses(text: string): string {
  return text.replace(MAILBOX, (_all, local: string, domain: string) => `~${hashOf(local, domain)}@${domain}`);
}

function hashOf(local: string, domain: string): string {
  const bare = local.startsWith('"') ? local.slice(1, -1).replace(/\\(.)/gu, '$1') : local;
  const normal = normaliseDomain(domain) ?? domain.toLowerCase();
  return createHash('sha256')
    .update(makeAddress('', bare, normal).key)
    .digest('hex')
    .slice(0, HASH_DIGITS);
}
