import { MS } from '../../units/duration.js';

/** Times as logs write them, in ms since the epoch. A time without a zone is this process' local time. */

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** RFC 3164: `Nov  6 09:05:07`, and with a year or fractions of a second where a daemon adds them. */
const TRADITIONAL = /^([A-Z][a-z]{2}) {1,2}(\d{1,2})(?: (\d{4}))? (\d{2}):(\d{2}):(\d{2})(?:\.\d{1,9})?(?= )/;
/** RFC 3339 and ISO 8601's basic zone; a space instead of the T, as Exim writes. */
const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2}):(\d{2})(?:[.,](\d{1,9}))?(?: ?(Z|[+-]\d{2}:?\d{2}))?(?= )/;

export interface Stamp {
  readonly at: number;
  /** What follows the time and its space. */
  readonly rest: string;
}

/**
 * @param reference a time without a year gets the latest year that is not more
 *   than a day after this: clocks disagree a little, and logs end in the past
 */
export function readStamp(line: string, reference: number): Stamp | null {
  const at = /^\d/.test(line) ? isoStamp(line) : traditionalStamp(line, reference);
  if (at === null) return null;
  return Number.isFinite(at.at) ? { at: at.at, rest: line.slice(at.length + 1) } : null;
}

interface Read {
  readonly at: number;
  readonly length: number;
}

function isoStamp(line: string): Read | null {
  const found = ISO.exec(line);
  if (found === null) return null;
  const [text, year, month, day, hour, minute, second, fraction = '', zone] = found;
  const ms = Number(fraction.padEnd(3, '0').slice(0, 3));
  const fields = [Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), ms];
  const at = zone === undefined ? local(fields) : Date.UTC(...(fields as Fields)) - offsetOf(zone);
  return { at, length: text.length };
}

function traditionalStamp(line: string, reference: number): Read | null {
  const found = TRADITIONAL.exec(line);
  if (found === null) return null;
  const [text, month = '', day, year, hour, minute, second] = found;
  const number = MONTHS.indexOf(month);
  if (number < 0) return null;
  const inYear = (of: number) => local([of, number, Number(day), Number(hour), Number(minute), Number(second), 0]);
  if (year !== undefined) return { at: inYear(Number(year)), length: text.length };
  const thisYear = new Date(reference).getFullYear();
  const at = [thisYear + 1, thisYear, thisYear - 1].map(inYear).find((candidate) => candidate <= reference + MS.d);
  return { at: at ?? inYear(thisYear), length: text.length };
}

type Fields = [number, number, number, number, number, number, number];

function local(fields: readonly number[]): number {
  return new Date(...(fields as Fields)).getTime();
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
