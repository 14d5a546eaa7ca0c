import { z } from 'zod';
import { ofBulk } from '../bulk.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';

const ODDITIES = [
  'many-spaces',
  'invisible-characters',
  'mixed-scripts',
  'direction-override',
  'all-capitals',
] as const;

const parameters = z.strictObject({
  reply: z
    .enum(['pass', 'reject'])
    .default('reject')
    .describe(
      'What becomes of bulk mail that poses as a reply or a forwarded message: `Re:` or `Fwd:` without In-Reply-To or References.',
    ),
  empty: z.enum(['pass', 'reject']).default('reject').describe('What becomes of bulk mail without a subject.'),
  oddities: z
    .array(z.enum(ODDITIES))
    .default(['invisible-characters', 'direction-override', 'mixed-scripts'])
    .describe('Tricks in the subject that are refused.'),
});

type Parameters = z.infer<typeof parameters>;

function judge(facts: MessageFacts, { reply, empty, oddities }: Parameters): Objection | null {
  const subject = ofBulk(facts)?.subject;
  if (subject === null || subject === undefined) return null;
  if (subject.empty && empty === 'reject') return { situation: 'empty', values: {}, evidence: {} };
  const prefix = subject.replyPrefix ?? subject.forwardPrefix;
  if (prefix !== null && !subject.threaded && reply === 'reject') {
    return { situation: 'posesAsReply', values: { prefix }, evidence: { prefix } };
  }
  const oddity = subject.oddities.find((one) => (oddities as readonly string[]).includes(one));
  if (oddity === undefined) return null;
  return {
    situation: 'odd',
    values: { oddity: oddity.replaceAll('-', ' ') },
    evidence: { oddities: subject.oddities },
  };
}

export const messageSubject: Rule<Parameters> = {
  id: 'message.subject',
  summary: 'The subject of bulk mail does not deceive.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'In addition, Customer must comply with the CAN-SPAM Act of 2003 and other laws and regulations applicable to bulk or commercial email.',
  },
  parameters,
  replies: {
    posesAsReply: {
      code: 554,
      status: '5.7.1',
      text: 'The subject of this bulk mail begins with "{prefix}" although it replies to nothing and forwards nothing',
      when: '`Re:`, `Fwd:` or their kin in any language, without In-Reply-To and References.',
      remedy: 'Choose a subject that says what the mailing is about.',
    },
    empty: {
      code: 554,
      status: '5.7.1',
      text: 'This bulk mail has no subject',
      when: 'There is no Subject, or nothing to be seen in it.',
      remedy: 'Choose a subject that says what the mailing is about.',
    },
    odd: {
      code: 554,
      status: '5.7.1',
      text: 'The subject of this bulk mail is written to deceive: {oddity}',
      when: 'The subject has one of `oddities`.',
      remedy: 'Write the subject in plain characters of one script.',
    },
  },
  needs: [],
  messageNeeds: () => ['bulk', 'subject'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
