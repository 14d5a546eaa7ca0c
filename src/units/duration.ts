/** Durations as people write them in a config: `500ms`, `30s`, `10m`, `48h`, `15d`, or joined `1h30m`. */

import { z } from 'zod';

export const MS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
type Unit = keyof typeof MS;

const UNITS: readonly Unit[] = ['d', 'h', 'm', 's', 'ms'];
const DURATION = /^(?:\d{1,13}(?:ms|[smhd]))+$/;

/** A century: longer is a slip of the pen, and exact numbers end somewhere. */
const LONGEST = 36_525 * MS.d;

/** Milliseconds; null when the text is no duration. */
export function parseDuration(text: string): number | null {
  if (!DURATION.test(text)) return null;
  let total = 0;
  for (const [, digits, unit] of text.matchAll(/(\d+)(ms|[smhd])/g)) total += Number(digits) * MS[unit as Unit];
  return total <= LONGEST ? total : null;
}

/** The shortest spelling that parses to the same: `90m`, not `1h30m`. */
export function formatDuration(ms: number): string {
  const unit = UNITS.find((candidate) => ms >= MS[candidate] && ms % MS[candidate] === 0) ?? 'ms';
  return `${ms / MS[unit]}${unit}`;
}

/** Config schema: a duration's spelling in, milliseconds out. */
export function durationSchema(bounds: { readonly minMs?: number; readonly maxMs?: number } = {}) {
  const { minMs = 0, maxMs = LONGEST } = bounds;
  const schema = z.codec(
    z.string().refine((text) => inBounds(parseDuration(text), minMs, maxMs), {
      error: `expected a duration such as 30s, 10m, 48h or 15d${boundsInWords(minMs, maxMs)}`,
    }),
    z.number(),
    { decode: (text) => parseDuration(text) ?? 0, encode: formatDuration },
  );
  return schema.meta({ title: 'duration', examples: ['48h'] });
}

function inBounds(ms: number | null, minMs: number, maxMs: number): boolean {
  return ms !== null && ms >= minMs && ms <= maxMs;
}

function boundsInWords(minMs: number, maxMs: number): string {
  const least = minMs > 0 ? `, at least ${formatDuration(minMs)}` : '';
  const most = maxMs < LONGEST ? `, at most ${formatDuration(maxMs)}` : '';
  return least + most;
}

const WORDS = [
  { ms: MS.d, word: 'day', short: 'd' },
  { ms: MS.h, word: 'hour', short: 'h' },
  { ms: MS.m, word: 'minute', short: 'min' },
  { ms: MS.s, word: 'second', short: 's' },
] as const;

/** The length of a window for a person: `1 hour`, `90 seconds`. Exact. */
export function durationInWords(ms: number): string {
  const unit = WORDS.find((candidate) => ms >= candidate.ms && ms % candidate.ms === 0);
  return unit === undefined ? `${ms} ms` : counted(ms / unit.ms, unit.word);
}

/**
 * A wait for a person, never too short: `about 12 minutes`, `about 3 hours`,
 * `less than a minute`. Units of up to twice their own size are told in the
 * smaller one: 90 minutes, not 2 hours.
 */
export function waitInWords(ms: number): string {
  if (ms < MS.m) return 'less than a minute';
  const { count, word } = roundedUp(ms);
  return `about ${counted(count, word)}`;
}

/** The same wait without words of a language: `12 min`, `3 h`, `2 d`. */
export function waitInShort(ms: number): string {
  const { count, short } = roundedUp(Math.max(ms, MS.m));
  return `${count} ${short}`;
}

function roundedUp(ms: number) {
  const unit = WORDS.find((candidate) => ms >= 2 * candidate.ms && candidate.ms >= MS.m) ?? WORDS[2];
  return { ...unit, count: Math.ceil(ms / unit.ms) };
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
