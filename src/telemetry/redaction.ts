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
// proportional to the text. An apostrophe before it is a quote, within it a
// letter (o'neill).
const MAILBOX =
  /("(?:[^"\\]|\\.)+"|(?<![^\s<>()",;:@])'*[^\s<>()"',;:@][^\s<>()",;:@]*)@(\[[^\]\s]*\]|[^\s<>()"',;:@[\]]+)/gu;

/** A shorter word says nothing about a person, and too much of a text would look like it. */
const SHORTEST_ALONE = 3;

/** Every mailbox in the text with its local part hashed: `~3f9a0c1b2d4e@example.com`. */
export function redactAddresses(text: string): string {
  return text.replace(MAILBOX, (_all, spelt: string, domain: string) => {
    const local = spelt.replace(/^'+/, '');
    return `${spelt.slice(0, spelt.length - local.length)}~${hashOf(local, domain)}@${domain}`;
  });
}

/**
 * Hides the local part of this mailbox where it stands without its domain, as in
 * `550 5.1.1 jane.doe: user unknown`. Code and status in front stay.
 */
export function redactLocalPart(text: string, mailbox: string): string {
  const at = mailbox.lastIndexOf('@');
  const local = unquoted(mailbox.slice(0, Math.max(at, 0)));
  if (local.length < SHORTEST_ALONE) return text;
  const alone = new RegExp(`(?<![\\p{L}\\p{N}.~-])${literally(local)}(?![\\p{L}\\p{N}@~-]|"@)`, 'giu');
  const [code = ''] = /^\d{3}[ -](?:\d\.\d{1,3}\.\d{1,3} )?/.exec(text) ?? [];
  return code + text.slice(code.length).replace(alone, `~${hashOf(local, mailbox.slice(at + 1))}`);
}

/** Every text in a plain value, mailboxes hidden. Errors and the like stay for their serializers. */
export function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactAddresses(value);
  if (Array.isArray(value)) return value.map(redactValue);
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, redactValue(one)]));
}

function hashOf(local: string, domain: string): string {
  const normal = normaliseDomain(domain) ?? domain.toLowerCase();
  return createHash('sha256')
    .update(makeAddress('', unquoted(local), normal).key)
    .digest('hex')
    .slice(0, HASH_DIGITS);
}

function unquoted(local: string): string {
  return local.startsWith('"') ? local.slice(1, -1).replace(/\\(.)/gu, '$1') : local;
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
