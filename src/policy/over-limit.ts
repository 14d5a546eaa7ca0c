/** The objection of every rule that limits windows: which limit, how much of it is used, and when there is room again. */

import type { WindowUsage } from '../store/window.js';
import { durationInWords, formatDuration, waitInShort, waitInWords } from '../units/duration.js';
import { sizeInWords } from '../units/size.js';
import type { Objection, ReplyTemplate, RuleId } from './rule.js';

/** How much a rule's window holds, for a person. */
type Amount = (amount: number) => string | number;

const plain: Amount = (amount) => amount;
const octets: Amount = (amount) => sizeInWords(amount);

/**
 * Objects when a window of the rule has no room: the one that takes longest to
 * free up. `asked`: what is asked for now; when it is more than a window holds
 * at all, no retry can pass, and the situation is `never`, else `over`.
 */
export function overLimit(rule: RuleId, usage: readonly WindowUsage[], asked: number): Objection | null {
  const over = usage.filter((use) => use.over && use.limit.rule === rule);
  const never = over.find((use) => asked > use.limit.count);
  if (never !== undefined) return objection('never', never, asked);
  const slowest = over.reduce<WindowUsage | null>((so, use) => (so === null || wait(use) > wait(so) ? use : so), null);
  return slowest === null ? null : objection('over', slowest, asked);
}

function wait(use: WindowUsage): number {
  return use.freesUpInMs ?? 0;
}

function objection(situation: string, use: WindowUsage, asked: number): Objection {
  const { limit, used, freesUpInMs } = use;
  const amount = limit.resource === 'bytes' || limit.resource === 'self-bytes' ? octets : plain;
  // An octet above the limit must not read as the limit itself.
  const sameInWords = asked !== limit.count && amount(asked) === amount(limit.count);
  return {
    situation,
    values: {
      limit: amount(limit.count),
      used: amount(used),
      asked: sameInWords ? `${asked} octets` : amount(asked),
      per: durationInWords(limit.perMs),
      perShort: formatDuration(limit.perMs),
      ...waitValues(freesUpInMs),
    },
    evidence: { resource: limit.resource, limit: limit.count, perMs: limit.perMs, used, asked, freesUpInMs },
  };
}

/**
 * `{wait}` and `{waitShort}`. A wait that the store cannot tell hangs on mail
 * that is under way now, so it is short.
 */
export function waitValues(ms: number | null): { readonly wait: string; readonly waitShort: string } {
  return ms === null
    ? { wait: 'a few minutes', waitShort: '5 min' }
    : { wait: waitInWords(ms), waitShort: waitInShort(ms) };
}

/** The two replies of a rule that limits a volume. `what`: `messages`, `recipients`, or nothing for sizes. */
export function volumeReplies(what: string, whose: string) {
  const counted = what === '' ? '' : ` ${what}`;
  return {
    over: {
      code: { recipient: 450, message: 451 },
      status: '4.7.0',
      text: `The limit of {limit}${counted} in {per} ${whose} is reached ({used} used), please try again in {wait}`,
      when: 'A window of the rule has no room for what is asked. 450 at RCPT, 451 at the end of data.',
      remedy: 'Nothing: a mail server tries again by itself. Spread large mailings, or ask for a larger plan.',
    },
    never: {
      code: 552,
      status: '5.7.0',
      text: `At most {limit}${counted} in {per} are allowed ${whose}, so {asked} can never pass`,
      when: 'What is asked is larger than a whole window allows, so that no later attempt can pass.',
      remedy: 'Split the mailing or send a smaller message, or ask for a larger plan.',
    },
  } as const satisfies Readonly<Record<string, ReplyTemplate>>;
}
