import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { answersFromLedger } from '../../audit/answers-from-ledger.js';
import { type EvidenceReading, evidenceFromCsv } from '../../audit/evidence-reading.js';
import type { AddressKey, AuditCase, NewAuditAnswer, Store } from '../../store/contract.js';
import { auditArgument, type OpeningOptions, showAudit, withAuthor } from '../audit-options.js';
import { addressesArgument, withConfig, withExamples, withJson } from '../common-options.js';
import { type EvidenceOptions, evidenceOf, withEvidence } from '../evidence-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, note } from '../terminal/output.js';

interface Options extends OpeningOptions, EvidenceOptions {
  readonly source: string;
  readonly csv?: string;
  readonly fromLedger?: true;
}

export function auditAnswer(): Command {
  const command = new Command('answer')
    .description('attach evidence to a case: by hand, of a CSV file, or what `sluice consent` has')
    .argument('<case>', 'its id', auditArgument)
    .argument('[addresses...]', 'whose consent the options prove; of a probe: nothing', addressesArgument)
    .option('--csv <file>', 'a file in the columns of `sluice consent import`')
    .option('--from-ledger', 'consents with evidence that are on record for the account')
    .option('--source <name>', 'how it was given', 'desk')
    .action(run);
  return withExamples(withJson(withConfig(withAuthor(withEvidence(command)))), [
    'sluice audit answer audit.1jbq7p2ak0x3vf bob@example.net --url https://acme.example/join --proof scan.pdf',
    'sluice audit answer audit.1jbq7p2ak0x3vf --csv evidence.csv --note "by mail of 2026-11-24"',
    'sluice audit answer audit.1jbq7p2ak0x3vf --from-ledger',
  ]);
}

async function run(id: string, addresses: readonly AddressKey[], options: Options): Promise<void> {
  const audit = await withStore(options, async ({ store }) => {
    const asked = await store.auditOf(id);
    if (asked === null) throw new Failure(EXIT.negative, `there is no case ${id}`);
    if (asked.verdict !== null) throw new Failure(EXIT.negative, `${id} has been decided about: it takes no answers`);
    const answers = await answersOf(store, asked, addresses ?? [], options);
    if (answers.length === 0) throw new Failure(EXIT.negative, 'nothing in it answers the case');
    return store.answerAudit(id, answers);
  });
  if (options.json) json({ audit });
  else if (audit !== null) showAudit(audit);
}

async function answersOf(
  store: Store,
  asked: AuditCase,
  addresses: readonly AddressKey[],
  options: Options,
): Promise<readonly NewAuditAnswer[]> {
  const { by, note: remark, source, csv, fromLedger, at = null } = options;
  if (asked.kind === 'probe') {
    return asked.addresses.map(({ key }) => ({ key, by, consent: null, note: remark }));
  }
  if (csv !== undefined) return fromCsv(csv, asked, { by, note: remark });
  if (fromLedger) return answersFromLedger(store, asked, { by, note: remark });
  if (addresses.length === 0) throw new Failure(EXIT.usage, 'name addresses, or say --csv or --from-ledger');
  const strangers = addresses.filter((key) => !asked.addresses.some((one) => one.key === key));
  if (strangers.length > 0) throw new Failure(EXIT.negative, `${asked.id} does not ask about ${strangers.join(', ')}`);
  const evidence = await evidenceOf(options);
  if (evidence === null) throw new Failure(EXIT.usage, 'say what proves it: --ip, --url, --text, --confirmed, --proof');
  return addresses.map((key) => ({ key, by, note: remark, consent: { source, at, evidence } }));
}

async function fromCsv(
  file: string,
  asked: AuditCase,
  author: { readonly by: string; readonly note: string },
): Promise<readonly NewAuditAnswer[]> {
  const octets = await readFile(file).catch((error: Error) => {
    throw new Failure(EXIT.config, `${file}: ${error.message}`);
  });
  const reading: EvidenceReading = await evidenceFromCsv(octets, asked, author);
  for (const { place, problem } of reading.problems) note(`sluice: ${file}: ${place}: ${problem}`);
  if (reading.problems.length > 0) process.exitCode = EXIT.data;
  return reading.answers;
}
