import { constants, copyFile, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
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
  // Other commands need not wait until all of the service is loaded.
  const [{ runTrial }, { welcome }, ready] = await Promise.all([
    import('../../service/trial.js'),
    import('../trial-welcome.js'),
    serviceOptions(config, readAgain(path)),
  ]);
  const announce = (listeners: readonly string[], http: string): void => {
    for (const text of welcome({ config, directory, path, smtp: listeners[0]?.split(' ')[1] ?? '', http })) line(text);
  };
  await started(runTrial({ ...ready, announce }, directory));
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
