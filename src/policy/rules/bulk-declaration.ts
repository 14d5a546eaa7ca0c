import { z } from 'zod';
import { durationInWords, durationSchema } from '../../units/duration.js';
import { declaredStreamSchema } from '../declared-stream.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';

const parameters = z.strictObject({
  mail: z
    .enum(['mixed', 'bulk', 'transactional'])
    .default('mixed')
    .describe('What the account sends: `mixed` is judged by each message, `bulk` all is, `transactional` none is.'),
  recipients: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(100)
    .describe('Messages alike to more distinct recipients than this within `within` are bulk, whatever they declare.'),
  within: durationSchema({ minMs: 60_000 }).prefault('24h').describe('The rolling window for that count.'),
  transactional: z
    .array(declaredStreamSchema)
    .max(100)
    .default([])
    .describe(
      'Streams that are alike and no bulk (codes, invoices, password resets): each with a `name` and at least one of `from`, `reversePath` (patterns of addresses) and `header` (`name`, and `value` if it matters); all that is given must hold.',
    ),
  keep: durationSchema({ minMs: 60_000 })
    .prefault('30d')
    .describe('A campaign is remembered for so long after its latest message, with what was decided about it.'),
});

/** What makes a message bulk: `policy/bulk.ts` reads it for all rules on bulk mail, also while this rule is off. */
export type BulkParameters = z.infer<typeof parameters>;

function judge({ message }: MessageFacts, { recipients, within }: BulkParameters): Objection | null {
  if (message?.bulk.why !== 'detected') return null;
  const { campaign } = message.bulk;
  const reached = campaign?.reached.find(({ perMs }) => perMs === within)?.recipients ?? 0;
  return {
    situation: 'undeclared',
    values: { reached, limit: recipients, per: durationInWords(within), campaign: campaign?.id ?? '' },
    evidence: { campaign: campaign?.id ?? null, reached, limit: recipients },
  };
}

export const bulkDeclaration: Rule<BulkParameters> = {
  id: 'bulk.declaration',
  summary: 'Bulk mail says that it is bulk. Its parameters say what bulk is, for all rules on bulk mail.',
  clause: {
    section: 'E-Mail Requirements',
    text: "Customer's bulk and commercial email must meet the following requirements:",
  },
  parameters,
  replies: {
    undeclared: {
      code: 554,
      status: '5.7.1',
      text: 'Messages like this one go to {reached} recipients in {per} and do not say that they are bulk mail (List-Unsubscribe, List-Id)',
      when: 'Messages alike reached more than `recipients` and this one has no field that declares bulk mail.',
      remedy:
        'Add List-Unsubscribe and List-Id. Mail that is no bulk can be declared by your provider as transactional.',
    },
  },
  needs: [],
  messageNeeds: () => ['bulk'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
