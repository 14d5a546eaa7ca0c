/** `${env:NAME}` and `${file:path}` in the texts of a config; `$${` is a plain `${`. */

import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths start. */
  readonly directory: string;
}

export type Substituted =
  | { readonly ok: true; readonly text: string; readonly changed: boolean }
  | { readonly ok: false; readonly found: string; readonly expected: string };

const PLACEHOLDER = /\$(\$?)\{([^}]*)\}?/g;
const EXPECTED = `\${env:NAME} or \${file:path}, or $\${ for a plain \${`;
const MAX_FILE_OCTETS = 1024 ** 2;

export function substitute(text: string, surroundings: Surroundings): Substituted {
  if (!text.includes('${')) return { ok: true, text, changed: false };
  let failure: Substituted | null = null;
  let changed = false;
  const replaced = text.replace(PLACEHOLDER, (whole: string, escaped: string, inner: string) => {
    if (escaped !== '') return whole.slice(1);
    changed = true;
    const value = whole.endsWith('}') ? resolvePlaceholder(inner, surroundings) : { found: whole, expected: EXPECTED };
    if (typeof value === 'string') return value;
    failure ??= { ok: false, ...value };
    return '';
  });
  return failure ?? { ok: true, text: replaced, changed };
}

type Failure = { readonly found: string; readonly expected: string };

function resolvePlaceholder(inner: string, { env, directory }: Surroundings): string | Failure {
  const colon = inner.indexOf(':');
  const [kind, name] = [inner.slice(0, colon), inner.slice(colon + 1)];
  if (kind === 'env' && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    return env[name] ?? { found: `\${${inner}}`, expected: `the environment variable ${name} to be set` };
  }
  if (kind === 'file' && name !== '') return contentOf(resolve(directory, name));
  return { found: `\${${inner}}`, expected: EXPECTED };
}

/** A file's text without its last line end, as secrets are mounted and echoed. */
function contentOf(path: string): string | Failure {
  const read = readText(path);
  return read.ok ? read.text.replace(/\r?\n$/, '') : { found: read.problem, expected: 'a readable file' };
}

export type ReadText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

/** A small file's text, or why there is none, in words. A directory, pipe or device is none. */
export function readText(path: string, maxOctets = MAX_FILE_OCTETS): ReadText {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) return { ok: false, problem: `${path}, which is no regular file` };
    if (stats.size > maxOctets) return { ok: false, problem: `${path} of ${stats.size} octets` };
    return { ok: true, text: readFileSync(path, 'utf8') };
  } catch (error) {
    return { ok: false, problem: `${path}: ${reasonOf(error)}` };
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'no permission to read it',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
};

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'it cannot be read';
  return REASONS[code] ?? code;
}
