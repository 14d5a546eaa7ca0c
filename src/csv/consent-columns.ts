/** The columns of a consent CSV, and one row as a consent: the same for import and export. */

import { isIP } from 'node:net';
import { isAccountId } from '../account/account-id.js';
import type { AccountId, Consent, ConsentEvidence, NewConsent } from '../store/contract.js';
import { type Columns, columnsIn, parseInstant, parseKey, quoted } from './columns.js';
import type { RowReader, RowResult } from './row-reader.js';

export const COLUMNS = ['address', 'account', 'source', 'at', 'ip', 'url', 'text', 'confirmed', 'proof'] as const;
type ColumnName = (typeof COLUMNS)[number];

const MAX_SOURCE = 64;
const MAX_URL = 1_000;
const MAX_TEXT = 2_000;

/** What a row that does not say gets. */
export interface RowDefaults {
  readonly account: AccountId | null;
  readonly source: string;
}

export function consentReader(defaults: RowDefaults): RowReader<NewConsent> {
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
): RowResult<NewConsent> {
  const cell = (column: ColumnName): string => columns.cell(fields, column);
  const key = parseKey(cell('address'));
  if (key === null || key.startsWith('@')) return bad(`not an address: ${quoted(cell('address'))}`);
  const account = cell('account') === '' ? defaults.account : cell('account');
  if (account === null) return bad('no account, and no --account for rows without one');
  if (!isAccountId(account)) return bad(`not an account: ${quoted(account)}`);
  const source = cell('source') === '' ? defaults.source : cell('source').slice(0, MAX_SOURCE);
  const at = parseInstant(cell('at'));
  if (at === 'malformed') return bad(`not a time: ${quoted(cell('at'))} (ISO 8601)`);
  const evidence = evidenceIn(cell);
  return evidence.ok ? { ok: true, row: { key, account, source, at, evidence: evidence.row } } : evidence;
}

function evidenceIn(cell: (column: ColumnName) => string): RowResult<ConsentEvidence | null> {
  const confirmedAt = parseInstant(cell('confirmed'));
  if (confirmedAt === 'malformed') return bad(`not a time: ${quoted(cell('confirmed'))} (ISO 8601)`);
  if (cell('ip') !== '' && isIP(cell('ip')) === 0) return bad(`not an IP address: ${quoted(cell('ip'))}`);
  if (cell('proof') !== '' && !/^[0-9a-f]{64}$/i.test(cell('proof'))) {
    return bad(`not a SHA-256 in hex: ${quoted(cell('proof'))}`);
  }
  const evidence = {
    ip: orNull(cell('ip')),
    url: orNull(cell('url').slice(0, MAX_URL)),
    text: orNull(cell('text').slice(0, MAX_TEXT)),
    confirmedAt,
    proof: orNull(cell('proof').toLowerCase()),
  };
  const hasAny = Object.values(evidence).some((value) => value !== null);
  return { ok: true, row: hasAny ? evidence : null };
}

export function fieldsOf({ key, account, source, at, evidence }: Consent): readonly string[] {
  const time = (instant: number | null | undefined) => (instant == null ? '' : new Date(instant).toISOString());
  return [
    ...[key, account, source, time(at)],
    ...[evidence?.ip ?? '', evidence?.url ?? '', evidence?.text ?? '', time(evidence?.confirmedAt)],
    evidence?.proof ?? '',
  ];
}

function orNull(text: string): string | null {
  return text === '' ? null : text;
}

function bad(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
