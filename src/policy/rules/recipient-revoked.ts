import { z } from 'zod';
import type { Address } from '../../smtp/address.js';
import type { Instant, Revocation } from '../../store/contract.js';
import { durationInWords, durationSchema, waitInShort, waitInWords } from '../../units/duration.js';
import { dayInWords } from '../day.js';
import { declaredStreamSchema } from '../declared-stream.js';
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
    .enum(['account', 'stream', 'list'])
    .default('account')
    .describe(
      'What a recipient who leaves gets no more: any mail of the account, or mail of the stream of campaigns or of the list (List-Id) that was left, and bulk mail of no known one. A revocation of no known stream or list is of all mail either way.',
    ),
  streams: z
    .array(declaredStreamSchema)
    .max(100)
    .default([])
    .describe(
      'Streams of campaigns, as `bulk.declaration` declares those that are no bulk: each with a `name` and at least one of `from`, `reversePath` and `header`. A message is of the first that it fits.',
    ),
  feedbackIdParts: z
    .array(z.int().min(1).max(4))
    .max(4)
    .default([3, 4])
    .describe(
      'Which parts of a Feedback-ID (`campaign:customer:mail type:sender`) name the stream of mail that fits none of `streams`: those that stay the same from one mailing to the next. Empty: none do.',
    ),
});

export type RevokedParameters = z.infer<typeof parameters>;

function judgeRecipient(
  { revocation, recipient, now }: RecipientFacts,
  parameters: RevokedParameters,
): Objection | null {
  return revocation === null ? null : objectionTo(revocation, recipient, now, parameters);
}

/** Of single lists and streams: which one the mail is of says only the message. */
function judgeMessage({ message, recipients, now }: MessageFacts, parameters: RevokedParameters): Objection | null {
  if (parameters.scope === 'account') return null;
  const objections = (message?.subscriptionsLeft ?? []).flatMap((revocation, index) => {
    const recipient = recipients[index];
    if (revocation === null || recipient === undefined) return [];
    const objection = objectionTo(revocation, recipient, now, parameters);
    if (objection === null) return [];
    const { kind, name } = revocation.subscription;
    return [{ ...objection, evidence: { ...objection.evidence, [kind]: name } }];
  });
  return objections.find(({ situation }) => situation === 'revoked') ?? objections[0] ?? null;
}

function objectionTo(
  revocation: Revocation,
  recipient: Address,
  now: Instant,
  { honourWithin, grace }: RevokedParameters,
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

export const recipientRevoked: Rule<RevokedParameters> = {
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
  messageNeeds: ({ scope }) => (scope === 'account' ? [] : ['bulk', 'subscriptions-left']),
  exemptible: true,
  judge: { recipient: judgeRecipient, message: judgeMessage },
};
