/** Rates: at most so many in any window of a length. `1000/1h`, `25MiB/1d`. */

import { z } from 'zod';
import { formatDuration, MS, parseDuration } from './duration.js';
import { formatSize, parseSize } from './size.js';

export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

/** Shorter windows would be smaller than a window's sub-intervals are worth; a year is the longest that a store keeps. */
const SHORTEST = MS.s;
const LONGEST = 366 * MS.d;

/** Null when the text is no rate. */
export function parseRate(text: string): Rate | null {
  return read(text, (count) => (/^\d{1,15}$/.test(count) ? Number(count) : null));
}

export function formatRate(rate: Rate): string {
  return `${rate.count}/${formatDuration(rate.perMs)}`;
}

/** A rate of octets; null when the text is none. */
export function parseByteRate(text: string): Rate | null {
  return read(text, parseSize);
}

export function formatByteRate(rate: Rate): string {
  return `${formatSize(rate.count)}/${formatDuration(rate.perMs)}`;
}

/** Config schema of one rate. */
export function rateSchema() {
  return codec({ title: 'rate', example: '1000/1h', parse: parseRate, format: formatRate });
}

/** Config schema of one rate of octets. */
export function byteRateSchema() {
  return codec({ title: 'rate of octets', example: '25MiB/1d', parse: parseByteRate, format: formatByteRate });
}

/** Config schema of a list of rates, each of another window. */
export function ratesSchema() {
  return distinctWindows(z.array(rateSchema()));
}

export function byteRatesSchema() {
  return distinctWindows(z.array(byteRateSchema()));
}

function read(text: string, parseCount: (text: string) => number | null): Rate | null {
  const slash = text.indexOf('/');
  if (slash < 0) return null;
  const count = parseCount(text.slice(0, slash));
  const per = text.slice(slash + 1);
  // `100/h` is what people write for `100/1h`.
  const perMs = parseDuration(/^[smhd]$/.test(per) ? `1${per}` : per);
  if (count === null || perMs === null || perMs < SHORTEST || perMs > LONGEST) return null;
  return { count, perMs };
}

interface Notation {
  readonly title: string;
  readonly example: string;
  readonly parse: (text: string) => Rate | null;
  readonly format: (rate: Rate) => string;
}

function codec({ title, example, parse, format }: Notation) {
  const expected = `expected a ${title} such as ${example} (window 1s to 366d)`;
  const schema = z.codec(
    z.string({ error: expected }).refine((text) => parse(text) !== null, { error: expected }),
    z.custom<Rate>(),
    { decode: (text) => parse(text) ?? { count: 0, perMs: SHORTEST }, encode: format },
  );
  return schema.meta({ title, examples: [example] });
}

// Two limits on one window share its history, so that the higher one would never speak.
function distinctWindows(list: z.ZodArray<ReturnType<typeof rateSchema>>) {
  return list.max(8).refine((rates) => new Set(rates.map((rate) => rate.perMs)).size === rates.length, {
    error: 'each window may be given once',
  });
}
