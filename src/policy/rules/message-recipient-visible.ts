import { z } from 'zod';
import type { RecipientFinding } from '../../message/findings.js';
import { ofBulk } from '../bulk.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';
import { unseenParameter, unseenReply } from '../unseen.js';

const parameters = z.strictObject({
  cc: z.boolean().default(false).describe('Whether an address in Cc counts as one in To.'),
  everyAlternative: z
    .boolean()
    .default(false)
    .describe('Whether an address in the text must be there in the plain and in the HTML alternative.'),
  unseen: unseenParameter(),
});

type Parameters = z.infer<typeof parameters>;

const MOST_IN_EVIDENCE = 100;

function judge(facts: MessageFacts, { cc, everyAlternative, unseen }: Parameters): Objection | null {
  const bulk = ofBulk(facts);
  if (bulk === null) return null;
  const isVisible = (finding: RecipientFinding) => {
    if (finding.sightings.includes('to') || (cc && finding.sightings.includes('cc'))) return true;
    return finding.visible && (!everyAlternative || finding.everyAlternative);
  };
  const missing = bulk.recipients.filter((finding) => !isVisible(finding)).map(({ key }) => key);
  const first = facts.recipients.find(({ key }) => key === missing[0]);
  if (first === undefined) return null;
  if (bulk.opaque && unseen === 'pass') return null;
  const evidence = { missing: missing.slice(0, MOST_IN_EVIDENCE), of: facts.recipients.length };
  if (bulk.opaque) return { situation: 'unseen', values: {}, evidence };
  return {
    situation: 'hidden',
    values: { recipient: first.spelling, missing: missing.length, count: facts.recipients.length },
    evidence,
  };
}

export const messageRecipientVisible: Rule<Parameters> = {
  id: 'message.recipient-visible',
  summary: "Bulk mail shows each recipient's address in To or in the text.",
  clause: {
    section: 'E-Mail Requirements',
    text: `Customer's email must include the recipient's email address in the body of the message or in the "TO" line of the email; and`,
  },
  parameters,
  replies: {
    hidden: {
      code: 554,
      status: '5.7.1',
      text: '{missing} of {count} recipients stand neither in To nor in the text, such as <{recipient}>',
      when: 'A recipient of the envelope is not in To and not to be seen in the text. The whole message is refused: after DATA SMTP has no other way.',
      remedy: "Send a message to each recipient, with the recipient's address in To.",
    },
    unseen: unseenReply('the recipients'),
  },
  needs: [],
  messageNeeds: () => ['bulk', 'recipients'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
