import { z } from 'zod';
import { dayInWords } from '../day.js';
import type { Objection, RecipientFacts, ReplyTemplate, Rule } from '../rule.js';

const parameters = z.strictObject({
  matchSubaddress: z
    .boolean()
    .default(false)
    .describe('Whether a suppression of `a@example.com` also stops mail to `a+tag@example.com`.'),
});

type Parameters = z.infer<typeof parameters>;

function judge(facts: RecipientFacts, { matchSubaddress }: Parameters): Objection | null {
  const { suppression, recipient, now } = facts;
  if (suppression === null) return null;
  const { key, account, reason, at, by, expiresAt } = suppression;
  if (expiresAt !== null && expiresAt <= now) return null;
  if (!matchSubaddress && key === recipient.untaggedKey) return null;
  return {
    situation: reason,
    values: { recipient: recipient.spelling, since: dayInWords(at), entry: key },
    evidence: { key, account, reason, at, by, expiresAt },
  };
}

function reply(text: string, when: string, remedy: string): ReplyTemplate {
  return { code: 550, status: '5.7.1', text, when, remedy };
}

const REMOVE = 'Take the address off your lists.';

export const recipientSuppressed: Rule<Parameters> = {
  id: 'recipient.suppressed',
  summary: 'Addresses and domains on the suppression list of the account, or of all accounts, get no mail.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'Customer has procedures in place that allow a recipient to revoke consent (e.g., a link in the body of the email, or instructions to reply with the word "Remove" in the subject line);',
  },
  parameters,
  replies: {
    unsubscribed: reply(
      '<{recipient}> unsubscribed on {since}, so no mail is sent to it',
      'The address is suppressed with the reason `unsubscribed`.',
      REMOVE,
    ),
    complained: reply(
      '<{recipient}> complained about mail on {since}, so no mail is sent to it',
      'The address is suppressed with the reason `complained`.',
      REMOVE,
    ),
    bounced: reply(
      'Mail to <{recipient}> came back on {since}, so no mail is sent to it',
      'The address is suppressed with the reason `bounced`.',
      `${REMOVE} If it works again, ask your provider to lift the suppression.`,
    ),
    manual: reply(
      '<{recipient}> is on the do-not-send list since {since}',
      'The address or its domain was suppressed by hand (reason `manual`).',
      'Ask your provider why, with the reference.',
    ),
  },
  needs: ['suppression'],
  exemptible: true,
  judge: { recipient: judge },
};
