/** Facts of rules, in few words. */

import type { AccountState, RejectionStreak, Revocation, Suppression, WindowUsage } from '../../store/contract.js';
import { durationInWords } from '../../units/duration.js';
import { sizeInWords } from '../../units/size.js';
import { instant, plain } from './output.js';

const MOST = 160;

/** Facts that stand above already, or only help to read others. */
const UNTOLD: ReadonlySet<string> = new Set(['now', 'recipient']);

/** `account.state: good`; empty for what need not be told. */
export function factInWords(name: string, value: unknown): string {
  if (UNTOLD.has(name)) return '';
  if (name === 'usage') return usageInWords(value as readonly WindowUsage[]);
  return `${name}: ${cut(plain(inWords(name, value)))}`;
}

function inWords(name: string, value: unknown): string {
  if (value === null || value === undefined) return 'none';
  if (typeof value !== 'object') return String(value);
  if (name === 'account.state') return stateInWords(value as AccountState);
  if (name === 'suppression') return suppressionInWords(value as Suppression);
  if (name === 'revocation') return revocationInWords(value as Revocation);
  if (name === 'rejections') return streakInWords(value as RejectionStreak);
  if (Array.isArray(value)) return value.map((one) => inWords('', one)).join(', ') || 'none';
  return 'key' in value && 'spelling' in value ? String(value.spelling) : JSON.stringify(value);
}

function usageInWords(usage: readonly WindowUsage[]): string {
  return usage
    .map(({ limit, used, over }) => {
      const amount = limit.resource.endsWith('bytes') ? sizeInWords : String;
      const what = limit.resource.endsWith('bytes') ? '' : ` ${limit.resource}`;
      return `${amount(used)} of ${amount(limit.count)}${what} in ${durationInWords(limit.perMs)}${over ? ', no room' : ''}`;
    })
    .join('; ');
}

function stateInWords({ standing, changed, until }: AccountState): string {
  const since = changed === null ? '' : ` since ${instant(changed.at)} by ${changed.by}: ${changed.reason}`;
  return standing + (until === null ? '' : ` until ${instant(until)}`) + since;
}

function suppressionInWords({ key, account, reason, at, by, expiresAt }: Suppression): string {
  const until = expiresAt === null ? '' : ` until ${instant(expiresAt)}`;
  return `${key} for ${account ?? 'all accounts'}, ${reason}, since ${instant(at)}${until}, by ${by}`;
}

function revocationInWords({ at, source }: Revocation): string {
  return `${instant(at)}, by ${source}`;
}

function streakInWords({ count, firstAt, latestAt, latestStatus }: RejectionStreak): string {
  return `${count} in a row from ${instant(firstAt)} to ${instant(latestAt)}, latest: ${latestStatus}`;
}

function cut(text: string): string {
  return text.length <= MOST ? text : `${text.slice(0, MOST)}...`;
}
