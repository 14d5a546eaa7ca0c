let second = Number.NaN;
let upToMs = '';

/**
 * As `Date.toISOString` has it, `2026-01-02T03:04:05.678Z`: a line of the log
 * has one, and all but the milliseconds is the same for a second.
 *
 * @param now whole ms since the epoch
 */
export function isoTime(now: number): string {
  const ms = now % 1000;
  if (now - ms !== second) {
    second = now - ms;
    upToMs = new Date(second).toISOString().slice(0, -'000Z'.length);
  }
  return `${upToMs}${String(ms).padStart(3, '0')}Z`;
}
