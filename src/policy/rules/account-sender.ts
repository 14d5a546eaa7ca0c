import { z } from 'zod';
import { matchesAnyPattern } from '../../smtp/address-pattern.js';
import type { MailFacts, Objection, Rule } from '../rule.js';

const parameters = z.strictObject({
  nullReversePath: z
    .enum(['pass', 'reject'])
    .default('pass')
    .describe('What becomes of the null reverse-path `<>` that bounces have (limits of their own: `volume.exempt`).'),
  unlisted: z
    .enum(['pass', 'reject'])
    .default('pass')
    .describe('What becomes of mail from accounts that have no list of senders.'),
});

type Parameters = z.infer<typeof parameters>;

function judge({ reversePath, account }: MailFacts, { nullReversePath, unlisted }: Parameters): Objection | null {
  if (reversePath === null) {
    return nullReversePath === 'pass' ? null : { situation: 'nullReversePath', values: {}, evidence: {} };
  }
  if (account.senders === null) {
    return unlisted === 'pass' ? null : { situation: 'unlisted', values: {}, evidence: {} };
  }
  if (matchesAnyPattern(reversePath, account.senders)) return null;
  return {
    situation: 'foreign',
    values: { sender: reversePath.spelling },
    evidence: { reversePath: reversePath.key },
  };
}

export const accountSender: Rule<Parameters> = {
  id: 'account.sender',
  summary: 'The reverse-path is an address that the account may use.',
  clause: {
    section: 'E-Mail Requirements',
    text: "Customer must not obscure the source of Customer's email in any manner;",
  },
  parameters,
  replies: {
    foreign: {
      code: 550,
      status: '5.7.1',
      text: 'The sender address <{sender}> does not belong to this account',
      when: "MAIL FROM is not in the account's list of senders.",
      remedy: 'Send from an address of your own, or ask your provider to add the address or domain to your account.',
    },
    nullReversePath: {
      code: 550,
      status: '5.7.1',
      text: 'This account may not send with an empty sender address',
      when: 'MAIL FROM:<> and `nullReversePath: reject`.',
      remedy: 'Send from an address of your own.',
    },
    unlisted: {
      code: 550,
      status: '5.7.1',
      text: 'No sender addresses are registered for this account yet',
      when: 'The account has no list of senders and `unlisted: reject`.',
      remedy: 'Ask your provider to register your addresses or domains.',
    },
  },
  needs: [],
  exemptible: false,
  judge: { mail: judge },
};
