import { z } from 'zod';
import { ratesSchema } from '../../units/rate.js';
import { overLimit } from '../over-limit.js';
import type { RecipientFacts, Rule } from '../rule.js';

const parameters = z.strictObject({
  perAccount: ratesSchema()
    .prefault(['100/1h', '500/1d'])
    .describe('At most so many messages of one account to one address in any window of that length.'),
  everyone: ratesSchema()
    .prefault(['1000/1h'])
    .describe('At most so many messages of all accounts together to one address in any window of that length.'),
});

function judge(facts: RecipientFacts) {
  const over = overLimit('flood.recipient', facts.usage, 1);
  if (over === null) return null;
  return { ...over, situation: 'flood', values: { ...over.values, recipient: facts.recipient.spelling } };
}

export const floodRecipient: Rule<z.infer<typeof parameters>> = {
  id: 'flood.recipient',
  summary: 'One address is not flooded with mail, by one account or by all together.',
  clause: {
    section: 'System and Network Security',
    text: 'Attempting to interfere with service to any user, host or network, including, without limitation, via means of deliberate attempts to overload a system, flooding, mail bombing, broadcast attacks, or crashing;',
  },
  parameters,
  replies: {
    flood: {
      // RFC 7372's neighbour in the registry: X.7.28 "mail flood detected".
      code: 451,
      status: '4.7.28',
      text: 'The limit of {limit} messages in {per} to one address is reached for <{recipient}>, please try again in {wait}',
      when: 'An address had as many messages in a window as it may, from the account or from all accounts.',
      remedy: 'Nothing: a mail server tries again by itself. Repair what sends so many mails to one address.',
    },
  },
  needs: [],
  // Bounces flood a mailbox as well as any other mail.
  exemptible: false,
  limits: ({ perAccount, everyone }) => [
    ...perAccount.map((rate) => ({ scope: 'flood-account', resource: 'messages', ...rate }) as const),
    ...everyone.map((rate) => ({ scope: 'flood-everyone', resource: 'messages', ...rate }) as const),
  ],
  judge: {
    recipient: judge,
    // When the hold ran out before the end of data, the charge may find no room: for which recipient is not told then.
    message: (facts) => overFlood(facts.usage),
  },
};

function overFlood(usage: RecipientFacts['usage']) {
  const over = overLimit('flood.recipient', usage, 1);
  return over === null ? null : { ...over, situation: 'flood', values: { ...over.values, recipient: 'a recipient' } };
}
