/** The columns of a consent CSV, and one row as a consent: the same for import and export. */

import { isIP } from 'node:net';
import type { AccountId, Consent, ConsentEvidence, NewConsent } from '../store/contract.js';
import { parseKey, quoted } from './columns.js';
import { accountIn, addressReader, bad, type Cell, instantIn, type RowReader, type RowResult } from './row-reader.js';

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
  return addressReader(COLUMNS, (cell) => readRow(cell, defaults));
}

function readRow(cell: Cell<ColumnName>, defaults: RowDefaults): RowResult<NewConsent> {
  const key = parseKey(cell('address'));
  if (key === null || key.startsWith('@')) return bad(`not an address: ${quoted(cell('address'))}`);
  const account = accountIn(cell('account'), defaults.account);
  if (!account.ok) return account;
  if (account.row === null) return bad('no account, and no --account for rows without one');
  const source = cell('source') === '' ? defaults.source : cell('source').slice(0, MAX_SOURCE);
  const at = instantIn(cell('at'));
  if (!at.ok) return at;
  const evidence = evidenceIn(cell);
  if (!evidence.ok) return evidence;
  return { ok: true, row: { key, account: account.row, source, at: at.row, evidence: evidence.row } };
}

function evidenceIn(cell: Cell<ColumnName>): RowResult<ConsentEvidence | null> {
  const confirmedAt = instantIn(cell('confirmed'));
  if (!confirmedAt.ok) return confirmedAt;
  if (cell('ip') !== '' && isIP(cell('ip')) === 0) return bad(`not an IP address: ${quoted(cell('ip'))}`);
  if (cell('proof') !== '' && !/^[0-9a-f]{64}$/i.test(cell('proof'))) {
    return bad(`not a SHA-256 in hex: ${quoted(cell('proof'))}`);
  }
  const evidence = {
    ip: orNull(cell('ip')),
    url: orNull(cell('url').slice(0, MAX_URL)),
    text: orNull(cell('text').slice(0, MAX_TEXT)),
    confirmedAt: confirmedAt.row,
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
