import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { Command } from 'commander';
import type { AccountId, AddressKey, ConsentEvidence, Instant } from '../../store/contract.js';
import {
  accountArgument,
  addressArgument,
  type ConfigOption,
  type JsonOption,
  pastOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account: AccountId;
  readonly source: string;
  readonly at?: Instant;
  readonly ip?: string;
  readonly url?: string;
  readonly text?: string;
  readonly confirmed?: Instant;
  readonly proof?: string;
}

export function consentAdd(): Command {
  const command = new Command('add')
    .description('record that a recipient consented to mail of an account, and what proves it')
    .argument('<address>', "the recipient's address", addressArgument)
    .requiredOption('-a, --account <id>', 'to whose mail', accountArgument)
    .option('--source <name>', 'how it was given', 'cli')
    .option('--at <when>', 'when: 12h (ago), or a time (default: now)', pastOption)
    .option('--ip <address>', 'from where')
    .option('--url <url>', 'page of the form')
    .option('--text <text>', 'what the recipient was shown and agreed to')
    .option('--confirmed <when>', 'when it was confirmed by a link (double opt-in)', pastOption)
    .option('--proof <file>', 'a file that proves it; its SHA-256 is kept, the file stays with you')
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice consent add bob@example.net --account acme --source web-form --url https://acme.example/join --ip 192.0.2.7',
    'sluice consent add bob@example.net --account acme --source paper --proof scan.pdf',
  ]);
}

async function run(key: AddressKey, options: Options): Promise<void> {
  const { account, source, at = null } = options;
  const evidence = await evidenceOf(options);
  await withStore(options, ({ store }) => store.recordConsents([{ key, account, source, at, evidence }]));
  if (options.json) json({ address: key, account, source, at, evidence });
  else line(`recorded: ${key} consented to mail of ${account}${evidence === null ? ' (without evidence)' : ''}`);
}

async function evidenceOf({ ip, url, text, confirmed, proof }: Options): Promise<ConsentEvidence | null> {
  if ([ip, url, text, confirmed, proof].every((given) => given === undefined)) return null;
  return {
    ip: ip ?? null,
    url: url ?? null,
    text: text ?? null,
    confirmedAt: confirmed ?? null,
    proof: proof === undefined ? null : await hashOf(proof),
  };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash).catch((error: Error) => {
    throw new Failure(EXIT.config, `${path}: ${error.message}`);
  });
  return hash.digest('hex');
}
