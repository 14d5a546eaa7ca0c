/** The config of the trial: on loopback, without passwords, with limits small enough to meet. */

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EXIT, Failure } from './exit-codes.js';

const TRIAL_CONFIG = `# The config of \`sluice trial\`. Change it and send the trial a SIGHUP, or start it again.

listen:
  - name: trial
    address: 127.0.0.1:2525

# The trial puts a relay of its own here: it writes each mail to mails/ and delivers nothing.
relay:
  hosts: ["127.0.0.1:25"]

store:
  embedded:
    path: sluice.db

# Whoever connects from this machine is the account "trial".
accounts:
  identify:
    - address: { 127.0.0.0/8: trial, "::1/128": trial }

rules:
  volume.recipients:
    limits: [5/10m]

http:
  address: 127.0.0.1:8025

log:
  level: warn
`;

/** Written into the directory unless one is there; tells its path. */
export async function ensureTrialConfig(directory: string): Promise<string> {
  const path = join(directory, 'sluice.yaml');
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(path, TRIAL_CONFIG, { flag: 'wx' });
  } catch (error) {
    const there = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    if (!there) throw new Failure(EXIT.config, error instanceof Error ? error.message : String(error));
  }
  return path;
}
