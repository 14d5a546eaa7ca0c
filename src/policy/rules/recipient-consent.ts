import { z } from 'zod';
import type { AddressKey } from '../../store/contract.js';
import { ofBulk } from '../bulk.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';

const parameters = z.strictObject({
  sample: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of the recipients who must have a consent on record: 1 for all; below that always the same ones.'),
});

type Parameters = z.infer<typeof parameters>;

const MOST_IN_EVIDENCE = 100;

function judge(facts: MessageFacts, { sample }: Parameters): Objection | null {
  const bulk = ofBulk(facts);
  if (bulk === null) return null;
  const missing = facts.recipients.filter(({ key }, index) => bulk.consents[index] === null && isSampled(key, sample));
  const [first] = missing;
  if (first === undefined) return null;
  return {
    situation: 'missing',
    values: { recipient: first.spelling, missing: missing.length, count: facts.recipients.length },
    evidence: { missing: missing.slice(0, MOST_IN_EVIDENCE).map(({ key }) => key), of: facts.recipients.length },
  };
}

/** FNV-1a over the address: the same recipients each time, or a customer could try until luck has it. */
function isSampled(key: AddressKey, share: number): boolean {
  let hash = 0x811c9dc5;
  for (const octet of Buffer.from(key)) hash = Math.imul(hash ^ octet, 0x01000193) >>> 0;
  return hash / 2 ** 32 < share;
}

export const recipientConsent: Rule<Parameters> = {
  id: 'recipient.consent',
  summary: 'Recipients of bulk mail have consented, and it is on record.',
  clause: {
    section: 'E-Mail Requirements',
    text: "Customer's intended recipients have given their consent to receive email via some affirmative means, such as an opt-in procedure;",
  },
  parameters,
  replies: {
    missing: {
      code: 554,
      status: '5.7.1',
      text: '{missing} of {count} recipients of this bulk mail have no consent on record, such as <{recipient}>',
      when: 'A recipient (of the sample) has no consent on record for the account.',
      remedy: 'Mail only those who consented, and hand their consent in.',
    },
  },
  needs: [],
  messageNeeds: () => ['bulk', 'consent'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
