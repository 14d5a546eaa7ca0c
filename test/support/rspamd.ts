/** A private rspamd that knows nothing but GTUBE. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Test } from 'tap';
import { freePort } from './free-port.js';
import { until } from './until.js';

/** SpamAssassin's test line, which rspamd rejects too; in two pieces, so that no filter minds this file. */
export const GTUBE = ['XJS*C4JDBQADN1.NSBN3*2IDNEN*', 'GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'].join('');

export interface Rspamd {
  readonly url: string;
  stop(): Promise<void>;
}

export async function startRspamd(t: Pick<Test, 'teardown'>): Promise<Rspamd> {
  const folder = await mkdtemp('/tmp/sluice-rspamd-');
  const url = `http://127.0.0.1:${await freePort()}`;
  // The real list of suffixes takes rspamd many seconds to read.
  await writeFile(path.join(folder, 'suffixes'), 'com\nnet\norg\nexample\n');
  await writeFile(path.join(folder, 'rspamd.conf'), configIn(folder, url.slice('http://'.length)));
  const args = ['-f', '-i', '-u', 'root', '-g', 'root', '-c', path.join(folder, 'rspamd.conf')];
  const program = spawn('rspamd', args, { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => program.once('exit', () => resolve()));
  const stop = async () => {
    program.kill('SIGTERM');
    await ended;
  };
  t.teardown(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  await until('rspamd answers', () => answers(url));
  return { url, stop };
}

async function answers(url: string): Promise<true | null> {
  try {
    const response = await fetch(`${url}/ping`, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return true;
  } catch {
    return null;
  }
}

function configIn(folder: string, address: string): string {
  return `
options {
  pidfile = "${folder}/rspamd.pid";
  tempdir = "${folder}";
  rrd = "";
  history_file = "${folder}/history";
  url_tld = "${folder}/suffixes";
  filters = "";
  gtube_patterns = "all";
  dns { nameserver = ["127.0.0.1:1:1"]; timeout = 1s; retransmits = 1; }
}
logging { type = "file"; filename = "${folder}/rspamd.log"; level = "error"; }
actions { reject = 15; add_header = 6; }
worker "normal" { bind_socket = "${address}"; count = 1; }
`;
}
