import { z } from 'zod';
import { ofBulk } from '../bulk.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';
import { unseenParameter, unseenReply } from '../unseen.js';

const MEANS = ['one-click', 'list-unsubscribe', 'link', 'reply'] as const;

const parameters = z.strictObject({
  accept: z
    .array(z.enum(MEANS))
    .min(1)
    .default([...MEANS])
    .describe(
      'Ways to leave of which one must be there: `one-click` (RFC 8058), `list-unsubscribe` (RFC 2369), `link` (with words for leaving, in the text), `reply` (instructions to write with a word in the subject).',
    ),
  unseen: unseenParameter(),
});

type Parameters = z.infer<typeof parameters>;

function judge(facts: MessageFacts, { accept, unseen }: Parameters): Objection | null {
  const bulk = ofBulk(facts);
  const means = bulk?.unsubscribe?.means;
  if (bulk === null || means === undefined) return null;
  const accepted = means.filter(({ kind }) => accept.includes(kind));
  if (accepted.some(({ problem }) => problem === null)) return null;
  const evidence = { found: means.map(({ kind, where, problem }) => ({ kind, where, problem })) };
  const broken = accepted[0];
  if (broken !== undefined) return { situation: 'malformed', values: { problem: broken.problem ?? '' }, evidence };
  if (bulk.opaque && unseen === 'pass') return null;
  return { situation: bulk.opaque ? 'unseen' : 'missing', values: {}, evidence };
}

export const messageUnsubscribe: Rule<Parameters> = {
  id: 'message.unsubscribe',
  summary: 'Bulk mail offers a way to leave.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'Customer has procedures in place that allow a recipient to revoke consent (e.g., a link in the body of the email, or instructions to reply with the word "Remove" in the subject line);',
  },
  parameters,
  replies: {
    missing: {
      code: 554,
      status: '5.7.1',
      text: 'This bulk mail offers no way to unsubscribe',
      when: 'None of the ways in `accept` was found.',
      remedy: 'Add List-Unsubscribe and List-Unsubscribe-Post (RFC 8058) and a link for leaving in the text.',
    },
    malformed: {
      code: 554,
      status: '5.7.1',
      text: 'The way to unsubscribe that this bulk mail offers does not work: {problem}',
      when: 'A way in `accept` was found, and none that is well-formed.',
      remedy: 'Repair what the reply names: RFC 2369 and RFC 8058 say how the fields look.',
    },
    unseen: unseenReply('a way to unsubscribe'),
  },
  needs: [],
  messageNeeds: () => ['bulk', 'unsubscribe'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
