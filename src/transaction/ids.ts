import { randomFillSync } from 'node:crypto';

/** Drawn for many ids at once: a call for each costs more than all the rest of it. */
const drawn = new Uint32Array(512);
let next = drawn.length;

/**
 * Ids that sort by time and never meet: 9 characters of milliseconds and 8 of
 * chance, base 32. Transactions are numbered within their session, so that one
 * search of the log shows a session whole.
 */
export function newSessionId(): string {
  const time = Date.now().toString(32).padStart(9, '0').slice(-9);
  return `${time}${fourByChance()}${fourByChance()}`;
}

function fourByChance(): string {
  if (next === drawn.length) {
    randomFillSync(drawn);
    next = 0;
  }
  const bits = drawn[next] ?? 0;
  next += 1;
  return (bits >>> 12).toString(32).padStart(4, '0');
}
