import { randomBytes } from 'node:crypto';

/**
 * Ids that sort by time and never meet: 8 characters of milliseconds and 8 of
 * chance, base 32. Transactions are numbered within their session, so that one
 * search of the log shows a session whole.
 */
export function newSessionId(): string {
  const time = Date.now().toString(32).padStart(9, '0').slice(-9);
  const chance = BigInt(`0x${randomBytes(5).toString('hex')}`)
    .toString(32)
    .padStart(8, '0');
  return `${time}${chance}`;
}
