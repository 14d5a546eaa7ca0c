import { z } from 'zod';
import { durationInWords, durationSchema } from '../../units/duration.js';
import { dayInWords } from '../day.js';
import type { Objection, RecipientFacts, Rule } from '../rule.js';

const parameters = z.strictObject({
  count: z.int().min(1).max(1000).default(3).describe('So many consecutive delivery rejections, or more.'),
  longerThan: durationSchema()
    .prefault('15d')
    .describe('The time from the first rejection to the latest is longer than this; exactly this long still passes.'),
  scope: z
    .enum(['account', 'global'])
    .default('account')
    .describe('Whose rejections make a streak: those of the one account, or of all accounts together.'),
});

type Parameters = z.infer<typeof parameters>;

/**
 * The clause names the third rejection and the first. Read to the letter, an
 * address rejected 500 times in 14 days could be mailed for ever, since its
 * third rejection came early; so the latest of the streak counts.
 */
function judge({ rejections, recipient }: RecipientFacts, { count, longerThan }: Parameters): Objection | null {
  if (rejections === null || rejections.count < count) return null;
  const span = rejections.latestAt - rejections.firstAt;
  if (span <= longerThan) return null;
  return {
    situation: 'dead',
    values: {
      recipient: recipient.spelling,
      count: rejections.count,
      since: dayInWords(rejections.firstAt),
      latest: dayInWords(rejections.latestAt),
      longerThan: durationInWords(longerThan),
    },
    evidence: {
      count: rejections.count,
      firstAt: rejections.firstAt,
      latestAt: rejections.latestAt,
      latestStatus: rejections.latestStatus,
      account: rejections.account,
    },
  };
}

export const recipientRejections: Rule<Parameters> = {
  id: 'recipient.rejections',
  summary: 'An address that rejected mail again and again, for more than 15 days, gets no more attempts.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'Customer must not attempt to send any message to an email address if 3 consecutive delivery rejections have occurred and the time between the third rejection and the first rejection is longer than 15 days.',
  },
  parameters,
  replies: {
    dead: {
      // 5.1.1 and not 5.7.1, so that list software drops the address.
      code: 550,
      status: '5.1.1',
      text: '<{recipient}> rejected mail {count} times in a row from {since} to {latest}, so no more is sent to it',
      when: 'The streak of rejections is as long as the rule says and spans more than `longerThan`.',
      remedy: 'Take the address off your lists. If it works again, ask your provider to forget the rejections.',
    },
  },
  needs: ['rejections'],
  exemptible: true,
  judge: { recipient: judge },
};
