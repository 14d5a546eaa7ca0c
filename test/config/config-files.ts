/** A folder of files for one test, and a config loaded from it. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import { formatErrors } from '../../src/config/config-error.js';
import { type LoadedConfig, loadConfig } from '../../src/config/load.js';

export function folderOf(t: Test, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-config-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
}

export function load(
  t: Test,
  yaml: string,
  files: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
): Promise<LoadedConfig> {
  return loadConfig(join(folderOf(t, { ...files, 'sluice.yaml': yaml }), 'sluice.yaml'), env);
}

/** The errors as an operator reads them, without the folder's name. */
export async function errorsOf(...given: Parameters<typeof load>): Promise<readonly string[]> {
  const loaded = await load(...given);
  if (loaded.ok) return [];
  return formatErrors(loaded.errors)
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(/\/\S*\/sluice-config-[^/]*\//g, ''));
}

/** A self-signed certificate and its key, PEM. */
export function makeCertificate(name: string): { readonly cert: string; readonly key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-certificate-'));
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const command = ['req', ...kind, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert];
  try {
    execFileSync('openssl', command, { stdio: 'ignore', timeout: 10_000 });
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
