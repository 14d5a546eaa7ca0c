/** The columns of a suppression CSV, and one row as a suppression: the same for import and export. */

import { isAccountId } from '../../account/account-id.js';
import { type Columns, columnsIn, parseInstant, parseKey, quoted } from '../../csv/columns.js';
import type { RowReader, RowResult } from '../../csv/row-reader.js';
import type { NewSuppression, Suppression, SuppressionReason } from '../../store/contract.js';

export const COLUMNS = ['address', 'account', 'reason', 'at', 'by', 'note', 'expires'] as const;
export type ColumnName = (typeof COLUMNS)[number];

export const REASONS: readonly SuppressionReason[] = ['unsubscribed', 'complained', 'bounced', 'manual'];

/** Longer notes are cut: they are for a person. Characters. */
const MAX_NOTE = 500;

/** What a row that does not say gets. */
export interface RowDefaults {
  readonly account: string | null;
  readonly reason: SuppressionReason;
  readonly by: string;
}

export function suppressionReader(defaults: RowDefaults): RowReader<NewSuppression> {
  return {
    needed: 'address',
    header(fields) {
      const columns = columnsIn(fields, COLUMNS);
      if (!columns.has('address')) return null;
      return { unknown: columns.unknown, read: (row) => readRow(row, columns, defaults) };
    },
  };
}

function readRow(
  fields: readonly string[],
  columns: Columns<ColumnName>,
  defaults: RowDefaults,
): RowResult<NewSuppression> {
  const cell = (column: ColumnName): string => columns.cell(fields, column);
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
  return { ok: true, row: { key, account, reason, at, by, note: cell('note').slice(0, MAX_NOTE), expiresAt } };
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

function parseReason(text: string): SuppressionReason | null {
  return REASONS.find((reason) => reason === text.toLowerCase()) ?? null;
}

function bad(problem: string): RowResult<NewSuppression> {
  return { ok: false, problem };
}
