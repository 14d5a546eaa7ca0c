/** Columns by name, in any order, and what stands in their cells. */

import { normaliseDomain } from '../smtp/address.js';
import { parseAddress } from '../smtp/path.js';
import type { AddressKey } from '../store/contract.js';

export interface Columns<Name extends string> {
  /** What a row has in a column, trimmed; '' where it has none. */
  cell(fields: readonly string[], column: Name): string;
  has(column: Name): boolean;
  /** Names that nobody here knows. */
  readonly unknown: readonly string[];
}

/** @param fields of the first line */
export function columnsIn<Name extends string>(fields: readonly string[], known: readonly Name[]): Columns<Name> {
  const names = fields.map((name) => name.trim().toLowerCase());
  return {
    cell: (row, column) => (row[names.indexOf(column)] ?? '').trim(),
    has: (column) => names.includes(column),
    unknown: names.filter((name) => !(known as readonly string[]).includes(name)),
  };
}

/** An address or `@domain` in the normal form that the door compares by; null: neither. */
export function parseKey(text: string): AddressKey | null {
  if (text.startsWith('@')) {
    const domain = normaliseDomain(text.slice(1));
    return domain === null ? null : `@${domain}`;
  }
  const address = parseAddress(text);
  return address === null || address.domain === '' ? null : address.key;
}

const ISO_8601 = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** A time of ISO 8601, UTC where it names no zone; null when empty. */
export function parseInstant(text: string): number | null | 'malformed' {
  if (text === '') return null;
  if (!ISO_8601.test(text)) return 'malformed';
  const zoned = /[Zz]$|[+-]\d{2}:?\d{2}$/.test(text.slice(10)) || text.length === 10 ? text : `${text}Z`;
  const at = Date.parse(zoned);
  return Number.isFinite(at) && at >= 0 ? at : 'malformed';
}

/** For errors: short, and nothing in it that a terminal would act on. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
