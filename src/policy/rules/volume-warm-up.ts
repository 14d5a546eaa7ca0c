import { z } from 'zod';
import type { AccountState, Instant } from '../../store/contract.js';
import { MS } from '../../units/duration.js';
import { overLimit } from '../over-limit.js';
import type { Rule, RuleLimit } from '../rule.js';

const step = z.strictObject({
  day: z
    .int()
    .min(1)
    .max(3650)
    .describe('Up to and including this day; the day of the first accepted message is day 1.'),
  recipients: z.int().min(1).describe('At most so many recipients in any 24 hours.'),
});

const parameters = z.strictObject({
  ramp: z
    .array(step)
    .max(100)
    .refine((steps) => steps.every(({ day }, index) => index === 0 || day > (steps[index - 1]?.day ?? 0)), {
      error: 'the days of a ramp must rise',
    })
    .default([])
    .describe(
      'What a new account may send as its first days go by, for example `[{day: 3, recipients: 200}, {day: 7, recipients: 1000}]`; after the last day the ramp is over. Empty by default: in front of a relay that has been running for years, every account would look new.',
    ),
});

type Parameters = z.infer<typeof parameters>;

/** Day 1 begins with the first accepted message; an account that has none yet is in it. */
function dayOf(account: AccountState | null, now: Instant): number {
  const first = account?.firstAcceptedAt ?? now;
  return Math.floor(Math.max(now - first, 0) / MS.d) + 1;
}

function limits({ ramp }: Parameters, account: AccountState | null, now: Instant): readonly RuleLimit[] {
  const day = dayOf(account, now);
  const current = ramp.find((candidate) => day <= candidate.day);
  if (current === undefined) return [];
  return [{ scope: 'account', resource: 'recipients', perMs: MS.d, count: current.recipients }];
}

export const volumeWarmUp: Rule<Parameters> = {
  id: 'volume.warm-up',
  summary: 'A new account begins small and may send more from day to day.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'SmartSource may, at its discretion, require Customer to seek advance approval for bulk and commercial email, which approval will not be granted unless Customer can demonstrate that all of these requirements will be met.',
  },
  parameters,
  replies: {
    over: {
      code: { recipient: 450, message: 451 },
      status: '4.7.0',
      text: 'A new account may mail {limit} recipients in {per} for now ({used} used), please try again in {wait}',
      when: 'The account is in its first days and sent what they allow. 450 at RCPT, 451 at the end of data.',
      remedy: 'Nothing: a mail server tries again by itself, and the limit rises from day to day.',
    },
    never: {
      code: 552,
      status: '5.7.0',
      text: 'A new account may mail at most {limit} recipients in {per} for now, so {asked} can never pass',
      when: 'One message has more recipients than a whole day of a new account allows.',
      remedy: 'Send to smaller groups, or ask your provider.',
    },
  },
  needs: [],
  exemptible: true,
  limits,
  limitsVary: ({ ramp }) => ramp.length > 0,
  judge: {
    recipient: (facts) => overLimit('volume.warm-up', facts.usage, 1),
    message: (facts) => overLimit('volume.warm-up', facts.usage, 1),
  },
};
