/** The columns of a suppression CSV, and one row as a suppression: the same for import and export. */

import { isAccountId } from '../../account/account-id.js';
import { normaliseDomain } from '../../smtp/address.js';
import { parseAddress } from '../../smtp/path.js';
import type { AddressKey, NewSuppression, Suppression, SuppressionReason } from '../../store/contract.js';

export const COLUMNS = ['address', 'account', 'reason', 'at', 'by', 'note', 'expires'] as const;
export type ColumnName = (typeof COLUMNS)[number];

export const REASONS: readonly SuppressionReason[] = ['unsubscribed', 'complained', 'bounced', 'manual'];

/** Longer notes are cut: they are for a person. Characters. */
const MAX_NOTE = 500;

/** Which field of a row is which column. */
export type Header = Readonly<Partial<Record<ColumnName, number>>> & { readonly address: number };

/** What a row that does not say gets. */
export interface RowDefaults {
  readonly account: string | null;
  readonly reason: SuppressionReason;
  readonly by: string;
}

export type RowResult =
  | { readonly ok: true; readonly suppression: NewSuppression }
  | { readonly ok: false; readonly problem: string };

/** Null: no column is called `address`. Columns that nobody here knows are told, and left out. */
export function readHeader(
  fields: readonly string[],
): { readonly header: Header; readonly unknown: readonly string[] } | null {
  const names = fields.map((name) => name.trim().toLowerCase());
  const places: Partial<Record<ColumnName, number>> = {};
  for (const column of COLUMNS) if (names.includes(column)) places[column] = names.indexOf(column);
  if (places.address === undefined) return null;
  const unknown = names.filter((name) => !(COLUMNS as readonly string[]).includes(name));
  return { header: { ...places, address: places.address }, unknown };
}

export function readRow(fields: readonly string[], header: Header, defaults: RowDefaults): RowResult {
  const cell = (column: ColumnName): string => {
    const place = header[column];
    return place === undefined ? '' : (fields[place] ?? '').trim();
  };
  const key = parseKey(cell('address'));
  if (key === null) return bad(`not an address: ${quoted(cell('address'))}`);
  const account = cell('account') === '' ? defaults.account : cell('account');
  if (account !== null && !isAccountId(account)) return bad(`not an account: ${quoted(account)}`);
  const reason = cell('reason') === '' ? defaults.reason : parseReason(cell('reason'));
  if (reason === null) return bad(`unknown reason ${quoted(cell('reason'))} (${REASONS.join(', ')})`);
  const at = parseInstant(cell('at'));
  if (at === 'malformed') return bad(`not a time: ${quoted(cell('at'))} (ISO 8601)`);
  const expiresAt = parseInstant(cell('expires'));
  if (expiresAt === 'malformed') return bad(`not a time: ${quoted(cell('expires'))} (ISO 8601)`);
  const by = cell('by') === '' ? defaults.by : cell('by').slice(0, MAX_NOTE);
  return { ok: true, suppression: { key, account, reason, at, by, note: cell('note').slice(0, MAX_NOTE), expiresAt } };
}

export function fieldsOf(suppression: Suppression): readonly string[] {
  return [
    suppression.key,
    suppression.account ?? '',
    suppression.reason,
    new Date(suppression.at).toISOString(),
    suppression.by,
    suppression.note,
    suppression.expiresAt === null ? '' : new Date(suppression.expiresAt).toISOString(),
  ];
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

export function parseReason(text: string): SuppressionReason | null {
  return REASONS.find((reason) => reason === text.toLowerCase()) ?? null;
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

function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

function bad(problem: string): RowResult {
  return { ok: false, problem };
}
