import { constants, copyFile, mkdir } from 'node:fs/promises';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import type { Config } from '../../config/schema.js';
import { resolvePolicies } from '../../policy/effective.js';
import { policySettings } from '../../service/policy-context.js';
import { runTrial, TRIAL_SUPPRESSED, trialMails } from '../../service/trial.js';
import { durationInWords } from '../../units/duration.js';
import { withExamples } from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { readConfig } from '../read-config.js';
import { line } from '../terminal/output.js';
import { readAgain, serviceOptions, started } from './serve.js';

const TEMPLATE = fileURLToPath(new URL('../../../config/trial.yaml', import.meta.url));

export function trial(): Command {
  const command = new Command('trial')
    .description('run with small limits and a relay that writes each mail to a file: to try Sluice with nothing else')
    .option('--directory <path>', 'where mails and state go', './trial')
    .action(run);
  return withExamples(command, ['sluice trial', 'swaks --server 127.0.0.1:2525 --to you@example.com']);
}

async function run(options: { readonly directory: string }): Promise<void> {
  const directory = resolve(options.directory);
  const path = await trialConfigIn(directory);
  const config = await readConfig({ config: path });
  const announce = (listeners: readonly string[], http: string): void => {
    for (const text of welcome({ config, directory, path, smtp: listeners[0]?.split(' ')[1] ?? '', http })) line(text);
  };
  await started(runTrial({ ...serviceOptions(config, readAgain(path)), announce }, directory));
}

/** A copy, so that the other commands find the trial's store by it, and it can be changed; one that is there stays. */
async function trialConfigIn(directory: string): Promise<string> {
  const path = join(directory, 'sluice.yaml');
  try {
    await mkdir(directory, { recursive: true });
    await copyFile(TEMPLATE, path, constants.COPYFILE_EXCL);
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!isThere) throw new Failure(EXIT.config, error instanceof Error ? error.message : String(error));
  }
  return path;
}

interface Running {
  readonly config: Config;
  readonly directory: string;
  readonly path: string;
  readonly smtp: string;
  readonly http: string;
}

function welcome({ config, directory, path, smtp, http }: Running): readonly string[] {
  const port = smtp.slice(smtp.lastIndexOf(':') + 1);
  const to = (recipient: string) => `swaks --server ${smtp} --from me@example.org --to ${recipient}`;
  return [
    `Sluice is running a trial. SMTP on ${smtp} (no AUTH), health and metrics on http://${http}.`,
    `Mails that pass go to ${trialMails(directory)} as .eml files, each with its envelope beside it as .json.`,
    `Limits: ${limitsInWords(config).join('; ')}. The address ${TRIAL_SUPPRESSED} is suppressed.`,
    '',
    `Try it:    ${to('you@example.com')}`,
    `or:        printf 'EHLO me\\r\\nMAIL FROM:<me@example.org>\\r\\nRCPT TO:<you@example.com>\\r\\nDATA\\r\\nSubject: hi\\r\\n\\r\\nhello\\r\\n.\\r\\nQUIT\\r\\n' | nc 127.0.0.1 ${port}`,
    `A few more of the same and you will hear a 450; ${to(TRIAL_SUPPRESSED)} hears a 550.`,
    `Then see: ${thisProgram()} decisions --config ${relative('.', path)}`,
    'Ctrl-C ends it.',
  ];
}

/** As the newcomer can type it: few have installed the command. */
function thisProgram(): string {
  const [, script = ''] = process.argv;
  return basename(script) === 'sluice' ? 'sluice' : `node ${relative('.', script)}`;
}

function limitsInWords(config: Config): readonly string[] {
  const policy = resolvePolicies(policySettings(config)).anonymous;
  return policy
    .limitsOf('account', null, Date.now())
    .filter(({ resource }) => resource === 'messages' || resource === 'recipients')
    .map(({ resource, count, perMs }) => `${count} ${resource} in ${durationInWords(perMs)}`);
}
