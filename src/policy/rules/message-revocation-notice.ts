import { z } from 'zod';
import { durationInWords, durationSchema, MS } from '../../units/duration.js';
import { ofBulk } from '../bulk.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';
import { unseenParameter, unseenReply } from '../unseen.js';

const parameters = z.strictObject({
  within: durationSchema({ minMs: MS.h }).prefault('48h').describe('The longest time that the text may state.'),
  unseen: unseenParameter(),
});

type Parameters = z.infer<typeof parameters>;

function judge(facts: MessageFacts, { within, unseen }: Parameters): Objection | null {
  const bulk = ofBulk(facts);
  const notice = bulk?.notice;
  if (bulk === null || notice === null || notice === undefined) return null;
  const values = { within: durationInWords(within) };
  if (notice.longer !== null) {
    const { hours, part, language } = notice.longer;
    return {
      situation: 'tooLong',
      values: { ...values, hours: hours ?? 0, stated: durationInWords((hours ?? 0) * MS.h) },
      evidence: { hours, part, language },
    };
  }
  if (notice.found || (bulk.opaque && unseen === 'pass')) return null;
  return { situation: bulk.opaque ? 'unseen' : 'missing', values, evidence: { notices: notice.notices.length } };
}

export const messageRevocationNotice: Rule<Parameters> = {
  id: 'message.revocation-notice',
  summary: 'Bulk mail says that leaving takes effect within 48 hours.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'Customer honors revocations of consent within 48 hours, and Customer notify recipients that the revocation of consent will be implemented within 48 hours;',
  },
  parameters,
  replies: {
    missing: {
      code: 554,
      status: '5.7.1',
      text: 'This bulk mail does not say that unsubscribing takes effect within {within}',
      when: 'The text has no sentence that says how soon leaving takes effect.',
      remedy: 'Add a sentence such as "You will be removed within 48 hours".',
    },
    tooLong: {
      code: 554,
      status: '5.7.1',
      text: 'This bulk mail says that unsubscribing takes {stated}, more than {within}',
      when: 'The text states a longer time than `within`.',
      remedy: 'Honor requests to leave within 48 hours, and say so.',
    },
    unseen: unseenReply('how soon unsubscribing takes effect'),
  },
  needs: [],
  messageNeeds: () => ['bulk', 'notice'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
