import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const SCRIPT_NAMES = [
  'reserve-account',
  'reserve-recipients',
  'read-suppressions',
  'look-for-keys',
  'read-account',
  'commit-account',
  'commit-recipients',
  'give-back',
  'renew-leases',
  'refund',
  'read-windows',
  'look-at-windows',
  'charge-meter',
  'open-session',
  'renew-sessions',
  'close-session',
  'suppress',
  'revoke',
  'record-outcome',
  'change-standing',
  'append-decisions',
  'sight-campaign',
  'decide-campaign',
  'record-domain-check',
  'record-consents',
  'name-message',
  'claim-report',
  'settle-report',
  'count-reputation',
  'list-unmatched',
  'take-turn',
  'keep-position',
  'end-turn',
  'write-audit',
  'queue-notices',
  'take-notices',
  'settle-notices',
] as const;

export type ScriptName = (typeof SCRIPT_NAMES)[number];

const RESERVE: readonly ScriptName[] = ['reserve-account', 'reserve-recipients'];

/**
 * Scripts that one session or message needs at the same moment. Where all keys
 * are on one server they run as one, which spares Redis and us half of what a
 * call costs whatever it does.
 */
const JOINT: readonly (readonly ScriptName[])[] = [
  [...RESERVE, 'read-suppressions'],
  RESERVE,
  // Where the account's places are held already.
  ['reserve-recipients', 'read-suppressions'],
  // MAIL with its first recipients.
  ['read-account', ...RESERVE, 'read-suppressions'],
  ['read-account', ...RESERVE],
  ['commit-account', 'commit-recipients'],
  // Connecting, and the account becoming known.
  ['open-session', 'read-windows'],
  ['read-account', 'open-session'],
  ['close-session', 'close-session'],
];

export interface Script {
  readonly source: string;
  /** What EVALSHA takes. */
  readonly sha1: string;
}

export interface Scripts {
  one(name: ScriptName): Script;
  /**
   * Several as one, if that was foreseen. It takes first how many keys each of
   * them has, then the arguments of all, and returns the list of their replies.
   */
  joint(names: readonly string[]): Script | null;
  readonly all: readonly Script[];
}

/**
 * Reads every script beside this file, with `--@include a b` lines replaced by
 * includes/a.lua and includes/b.lua. Throws if one is missing.
 */
export function loadScripts(): Scripts {
  const texts = new Map(SCRIPT_NAMES.map((name) => [name, read(`${name}.lua`)]));
  const textOf = (name: ScriptName) => texts.get(name) ?? '';
  const singles = new Map(SCRIPT_NAMES.map((name) => [name, compiled(withIncludes(textOf(name)))]));
  const joints = new Map(JOINT.map((names) => [names.join('+'), compiled(joined(names.map(textOf)))]));
  return {
    one(name) {
      const script = singles.get(name);
      if (script === undefined) throw new Error(`no script ${name}`);
      return script;
    },
    joint: (names) => joints.get(names.join('+')) ?? null,
    all: [...singles.values(), ...joints.values()],
  };
}

const INCLUDE = /^--@include (.+)$/gm;

function includesOf(text: string): string[] {
  return [...text.matchAll(INCLUDE)].flatMap(([, names = '']) => names.trim().split(/\s+/));
}

function withIncludes(text: string): string {
  return text.replace(INCLUDE, () => includesOf(text).map(readInclude).join('\n'));
}

/** Each becomes a function of its own keys; the arguments are read on from one to the next. */
function joined(texts: readonly string[]): string {
  const includes = [...new Set(texts.flatMap(includesOf))].map(readInclude);
  const parts = texts.map(
    (text, index) => `local function part${index + 1}(KEYS)\n${text.replace(INCLUDE, '')}\nend\n`,
  );
  const calls = texts.map((_, index) => `part${index + 1}(keys_of[${index + 1}])`);
  return `${includes.join('\n')}
local keys_of, taken = {}, 0
for part = 1, ${texts.length} do
  local count = tonumber(next_argument())
  keys_of[part] = { unpack(KEYS, taken + 1, taken + count) }
  taken = taken + count
end
${parts.join('')}return { ${calls.join(', ')} }
`;
}

function compiled(source: string): Script {
  return { source, sha1: createHash('sha1').update(source).digest('hex') };
}

function readInclude(name: string): string {
  return read(`includes/${name}.lua`);
}

function read(path: string): string {
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}
