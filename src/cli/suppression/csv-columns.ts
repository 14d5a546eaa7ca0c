/** The columns of a suppression CSV, and one row as a suppression: the same for import and export. */

import { parseKey, quoted } from '../../csv/columns.js';
import {
  accountIn,
  addressReader,
  bad,
  type Cell,
  instantIn,
  type RowReader,
  type RowResult,
} from '../../csv/row-reader.js';
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
  return addressReader(COLUMNS, (cell) => readRow(cell, defaults));
}

function readRow(cell: Cell<ColumnName>, defaults: RowDefaults): RowResult<NewSuppression> {
  const key = parseKey(cell('address'));
  if (key === null) return bad(`not an address: ${quoted(cell('address'))}`);
  const account = accountIn(cell('account'), defaults.account);
  if (!account.ok) return account;
  const reason = cell('reason') === '' ? defaults.reason : parseReason(cell('reason'));
  if (reason === null) return bad(`unknown reason ${quoted(cell('reason'))} (${REASONS.join(', ')})`);
  const at = instantIn(cell('at'));
  if (!at.ok) return at;
  const expiresAt = instantIn(cell('expires'));
  if (!expiresAt.ok) return expiresAt;
  const by = cell('by') === '' ? defaults.by : cell('by').slice(0, MAX_NOTE);
  const note = cell('note').slice(0, MAX_NOTE);
  return { ok: true, row: { key, account: account.row, reason, at: at.row, by, note, expiresAt: expiresAt.row } };
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
