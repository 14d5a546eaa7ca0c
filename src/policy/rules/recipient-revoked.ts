import { z } from 'zod';
import type { Address } from '../../smtp/address.js';
import type { Instant, Revocation } from '../../store/contract.js';
import { durationInWords, durationSchema, waitInShort, waitInWords } from '../../units/duration.js';
import { dayInWords } from '../day.js';
import type { MessageFacts, Objection, RecipientFacts, Rule } from '../rule.js';

const parameters = z.strictObject({
  honourWithin: durationSchema()
    .prefault('48h')
    .describe('From this long after the revocation on, mail to the recipient is refused.'),
  grace: z
    .enum(['pass', 'defer', 'reject'])
    .default('pass')
    .describe('What becomes of mail before that, while the customer may still be taking the address off the lists.'),
  scope: z
    .enum(['account', 'list'])
    .default('account')
    .describe(
      'What a recipient who leaves a list gets no more: any mail of the account, or mail of that list (List-Id), and bulk mail that names none. A revocation of no known list is of all mail either way.',
    ),
});

type Parameters = z.infer<typeof parameters>;

function judgeRecipient({ revocation, recipient, now }: RecipientFacts, parameters: Parameters): Objection | null {
  return revocation === null ? null : objectionTo(revocation, recipient, now, parameters);
}

/** Of single lists: which one the mail is of says only the message. */
function judgeMessage({ message, recipients, now }: MessageFacts, parameters: Parameters): Objection | null {
  if (parameters.scope === 'account') return null;
  const objections = (message?.listRevocations ?? []).flatMap((revocation, index) => {
    const recipient = recipients[index];
    if (revocation === null || recipient === undefined) return [];
    const objection = objectionTo(revocation, recipient, now, parameters);
    return objection === null ? [] : [{ ...objection, evidence: { ...objection.evidence, list: revocation.list } }];
  });
  return objections.find(({ situation }) => situation === 'revoked') ?? objections[0] ?? null;
}

function objectionTo(
  revocation: Revocation,
  recipient: Address,
  now: Instant,
  { honourWithin, grace }: Parameters,
): Objection | null {
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
    evidence: { recipient: recipient.key, at: revocation.at, source: revocation.source, ageMs: age, late },
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
      code: { recipient: 550, message: 554 },
      status: '5.7.1',
      text: '<{recipient}> revoked consent on {since}, which had to be honored within {within}',
      when: 'Consent was revoked `honourWithin` ago or earlier. This is a violation of the policy.',
      remedy: REMEDY,
    },
    graceDefer: {
      code: { recipient: 450, message: 451 },
      status: '4.7.0',
      text: '<{recipient}> revoked consent on {since}, please take it off your lists within {wait}',
      when: 'Consent was revoked less than `honourWithin` ago and `grace: defer`.',
      remedy: REMEDY,
    },
    graceReject: {
      code: { recipient: 550, message: 554 },
      status: '5.7.1',
      text: '<{recipient}> revoked consent on {since}, please take it off your lists',
      when: 'Consent was revoked less than `honourWithin` ago and `grace: reject`.',
      remedy: REMEDY,
    },
  },
  needs: ['revocation'],
  messageNeeds: ({ scope }) => (scope === 'list' ? ['bulk', 'list-revocations'] : []),
  exemptible: true,
  judge: { recipient: judgeRecipient, message: judgeMessage },
};
