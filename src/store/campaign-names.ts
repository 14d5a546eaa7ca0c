/** Names that both stores give to what they keep of campaigns. */

import { createHash, randomBytes } from 'node:crypto';

/** So much is kept of a text that a message brought. */
const MOST_TEXT = 200;

export function newCampaignId(): string {
  return `c${randomBytes(6).toString('hex')}`;
}

/** A recipient as it is remembered: only ever compared, so that nobody can read addresses from it. 72 bits of SHA-256. */
export function recipientMark(account: string, key: string): string {
  return createHash('sha256').update(`${account} ${key}`).digest('base64url').slice(0, 12);
}

/** A subject or sender as it is kept: no character cut in two. */
export function sampleText(text: string): string {
  return [...text.slice(0, MOST_TEXT)].filter((character) => !/^[\ud800-\udfff]$/.test(character)).join('');
}
