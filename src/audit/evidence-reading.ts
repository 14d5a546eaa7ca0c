/**
 * Evidence as an account brings it, in the columns of `sluice consent import`. It
 * goes into the case and not into the ledger of consents: an account's own word
 * must not lift a revocation.
 */

import { COLUMNS, consentReader } from '../csv/consent-columns.js';
import { readCsv } from '../csv/csv-rows.js';
import type { AuditCase, NewAuditAnswer } from '../store/contract.js';

export interface EvidenceReading {
  readonly answers: readonly NewAuditAnswer[];
  /** Rows that are not what they should be; none of them answers anything. */
  readonly problems: readonly { readonly place: string; readonly problem: string }[];
}

type Author = Pick<NewAuditAnswer, 'by' | 'note'>;

interface Row {
  readonly place: string;
  readonly content:
    | { readonly ok: true; readonly fields: readonly string[] }
    | { readonly ok: false; readonly problem: string };
}

export async function evidenceFromCsv(octets: Buffer, asked: AuditCase, author: Author): Promise<EvidenceReading> {
  const rows: Row[] = [];
  for await (const some of readCsv(onePiece(octets), { byte: 0, line: 1 })) {
    rows.push(...some.map(({ line, content }) => ({ place: `line ${line}`, content })));
  }
  const [head, ...others] = rows;
  if (head === undefined || !head.content.ok) return onlyProblem('line 1', 'the first line must name the columns');
  return readRows(head.content.fields, others, asked, author);
}

/** `[{"address": …, "url": …}, …]`, or that within `{"answers": …}`: the columns as keys. */
export function evidenceFromJson(value: unknown, asked: AuditCase, author: Author): EvidenceReading {
  const list = isObject(value) && 'answers' in value ? value.answers : value;
  if (!Array.isArray(list)) return onlyProblem('answers', 'expected a list');
  const rows = list.map((one: unknown, index): Row => ({ place: `answers[${index}]`, content: fieldsOf(one) }));
  return readRows(COLUMNS, rows, asked, author);
}

function readRows(names: readonly string[], rows: readonly Row[], asked: AuditCase, author: Author): EvidenceReading {
  const header = consentReader({ account: asked.account, source: 'account' }).header(names);
  if (header === null) return onlyProblem('line 1', 'no column `address`');
  const known = new Set(asked.addresses.map(({ key }) => key));
  const answers: NewAuditAnswer[] = [];
  const problems: { readonly place: string; readonly problem: string }[] = [];
  for (const { place, content } of rows) {
    const bad = (problem: string): void => void problems.push({ place, problem });
    if (!content.ok) {
      bad(content.problem);
      continue;
    }
    const read = header.read(content.fields);
    if (!read.ok) bad(read.problem);
    else if (!known.has(read.row.key)) bad('this case does not ask about the address');
    else if (read.row.account !== asked.account) bad('of another account');
    else if (read.row.evidence === null) bad('nothing proves it: one of ip, url, text, confirmed, proof is needed');
    else {
      const { key, source, at, evidence } = read.row;
      answers.push({ ...author, key, consent: { source, at, evidence } });
    }
  }
  return { answers, problems };
}

function fieldsOf(value: unknown): Row['content'] {
  if (!isObject(value)) return { ok: false, problem: 'expected an object' };
  const fields = COLUMNS.map((name) => value[name] ?? '');
  const odd = COLUMNS.find((_, index) => typeof fields[index] !== 'string');
  return odd === undefined ? { ok: true, fields: fields.map(String) } : { ok: false, problem: `${odd} is no text` };
}

function onlyProblem(place: string, problem: string): EvidenceReading {
  return { answers: [], problems: [{ place, problem }] };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function* onePiece(octets: Buffer): AsyncGenerator<Buffer> {
  yield octets;
}
