/** The corpus beside this file, read and compared with what is written beside each message. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Report, ReportedMessage, ReportedOutcome } from '../../src/feedback/outcome.js';
import { readReport } from '../../src/feedback/read-report.js';

export const CORPUS = new URL('corpus', import.meta.url).pathname;

/** What a message should be read as; only what it names is compared. */
interface Expected {
  readonly kind: string;
  readonly outcomes: readonly (Partial<ReportedOutcome> & Pick<ReportedOutcome, 'recipient' | 'permanent'>)[];
  readonly message?: Partial<ReportedMessage>;
}

export interface Checked {
  readonly group: string;
  readonly family: string;
  readonly file: string;
  readonly verdict: 'read' | 'misread' | 'refused';
  /** What differs; empty when read. */
  readonly differences: readonly string[];
}

export async function checkCorpus(): Promise<Checked[]> {
  const names = await readdir(CORPUS, { recursive: true });
  const checked: Checked[] = [];
  for (const name of names.filter((name) => name.endsWith('.eml')).sort()) {
    const path = join(CORPUS, name);
    const expected = JSON.parse(await readFile(path.replace(/\.eml$/, '.json'), 'utf8')) as Expected;
    const report = readReport(await readFile(path));
    const [group = '', family = '', file = ''] = name.split('/');
    const differences = [...differencesOf(report, expected)];
    const refused = report.kind === 'none' && expected.kind !== 'none';
    const verdict = differences.length === 0 ? 'read' : refused ? 'refused' : 'misread';
    checked.push({ group, family, file, verdict, differences });
  }
  return checked;
}

function* differencesOf(report: Report, expected: Expected): Generator<string> {
  if (report.kind !== expected.kind) yield `kind ${report.kind}, not ${expected.kind}`;
  const read = [...report.outcomes].sort(byRecipient);
  const wanted = [...expected.outcomes].sort(byRecipient);
  if (read.length !== wanted.length) yield `${read.length} outcomes, not ${wanted.length}`;
  for (const [index, outcome] of wanted.entries()) yield* fieldsThatDiffer(read[index], outcome, outcome.recipient);
  yield* fieldsThatDiffer(report.message, expected.message ?? {}, 'message');
}

function* fieldsThatDiffer(read: object | undefined, wanted: object, where: string): Generator<string> {
  const got: Record<string, unknown> = { ...read };
  for (const [name, value] of Object.entries(wanted)) {
    if (got[name] !== value) yield `${where}: ${name} ${JSON.stringify(got[name])}, not ${JSON.stringify(value)}`;
  }
}

function byRecipient(one: { readonly recipient: string }, other: { readonly recipient: string }): number {
  return one.recipient < other.recipient ? -1 : one.recipient > other.recipient ? 1 : 0;
}
