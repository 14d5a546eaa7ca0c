import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const SCRIPT_NAMES = [
  'reserve-account',
  'reserve-recipients',
  'commit-account',
  'commit-recipients',
  'give-back',
  'renew-leases',
  'refund',
  'read-windows',
  'charge-meter',
  'open-session',
  'renew-sessions',
  'suppress',
  'revoke',
  'record-outcome',
  'change-standing',
  'append-decisions',
  'sight-campaign',
  'decide-campaign',
  'record-domain-check',
  'record-consent',
] as const;

export type ScriptName = (typeof SCRIPT_NAMES)[number];

export interface Script {
  readonly source: string;
  /** What EVALSHA takes. */
  readonly sha1: string;
}

/**
 * Reads every script beside this file, with `--@include a b` lines replaced by
 * includes/a.lua and includes/b.lua. Throws if one is missing.
 */
export function loadScripts(): Readonly<Record<ScriptName, Script>> {
  const loaded = SCRIPT_NAMES.map((name) => {
    const source = read(`${name}.lua`).replace(/^--@include (.+)$/gm, (_, names: string) =>
      names
        .trim()
        .split(/\s+/)
        .map((include) => read(`includes/${include}.lua`))
        .join('\n'),
    );
    return [name, { source, sha1: createHash('sha1').update(source).digest('hex') }] as const;
  });
  return Object.fromEntries(loaded) as Record<ScriptName, Script>;
}

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
