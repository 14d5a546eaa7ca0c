import { z } from 'zod';
import { durationInWords, durationSchema, waitInShort, waitInWords } from '../../units/duration.js';
import { dayInWords } from '../day.js';
import type { Objection, RecipientFacts, Rule } from '../rule.js';

const parameters = z.strictObject({
  honourWithin: durationSchema()
    .prefault('48h')
    .describe('From this long after the revocation on, mail to the recipient is refused.'),
  grace: z
    .enum(['pass', 'defer', 'reject'])
    .default('pass')
    .describe('What becomes of mail before that, while the customer may still be taking the address off the lists.'),
});

type Parameters = z.infer<typeof parameters>;

function judge(facts: RecipientFacts, { honourWithin, grace }: Parameters): Objection | null {
  const { revocation, recipient, now } = facts;
  if (revocation === null) return null;
  const age = now - revocation.at;
  const late = age >= honourWithin;
  if (!late && grace === 'pass') return null;
  const left = Math.max(honourWithin - age, 0);
  return {
    situation: late ? 'revoked' : grace === 'defer' ? 'graceDefer' : 'graceReject',
    values: {
      recipient: recipient.spelling,
      since: dayInWords(revocation.at),
      within: durationInWords(honourWithin),
      wait: waitInWords(left),
      waitShort: waitInShort(left),
    },
    evidence: { at: revocation.at, source: revocation.source, ageMs: age, late },
  };
}

const REMEDY = 'Take the address off your lists. If the recipient consents anew, record the consent.';

export const recipientRevoked: Rule<Parameters> = {
  id: 'recipient.revoked',
  summary: 'A recipient who revoked consent gets no more mail, 48 hours later at the latest.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'Customer honors revocations of consent within 48 hours, and Customer notify recipients that the revocation of consent will be implemented within 48 hours;',
  },
  parameters,
  replies: {
    revoked: {
      code: 550,
      status: '5.7.1',
      text: '<{recipient}> revoked consent on {since}, which had to be honored within {within}',
      when: 'Consent was revoked `honourWithin` ago or earlier. This is a violation of the policy.',
      remedy: REMEDY,
    },
    graceDefer: {
      code: 450,
      status: '4.7.0',
      text: '<{recipient}> revoked consent on {since}, please take it off your lists within {wait}',
      when: 'Consent was revoked less than `honourWithin` ago and `grace: defer`.',
      remedy: REMEDY,
    },
    graceReject: {
      code: 550,
      status: '5.7.1',
      text: '<{recipient}> revoked consent on {since}, please take it off your lists',
      when: 'Consent was revoked less than `honourWithin` ago and `grace: reject`.',
      remedy: REMEDY,
    },
  },
  needs: ['revocation'],
  exemptible: true,
  judge: { recipient: judge },
};
