/** The options that say what proves a consent. */

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { ConsentEvidence, Instant } from '../store/contract.js';
import { pastOption } from './common-options.js';
import { EXIT, Failure } from './exit-codes.js';

export interface EvidenceOptions {
  readonly at?: Instant;
  readonly ip?: string;
  readonly url?: string;
  readonly text?: string;
  readonly confirmed?: Instant;
  readonly proof?: string;
}

export function withEvidence(command: Command): Command {
  return command
    .option('--at <when>', 'when it was given: 12h (ago), or a time (default: now)', pastOption)
    .option('--ip <address>', 'from where')
    .option('--url <url>', 'page of the form')
    .option('--text <text>', 'what the recipient was shown and agreed to')
    .option('--confirmed <when>', 'when it was confirmed by a link (double opt-in)', pastOption)
    .option('--proof <file>', 'a file that proves it; its SHA-256 is kept, the file stays with you');
}

/** Null: nothing proves it. */
export async function evidenceOf(options: EvidenceOptions): Promise<ConsentEvidence | null> {
  const { ip, url, text, confirmed, proof } = options;
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
