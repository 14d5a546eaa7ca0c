import { z } from 'zod';
import { ofBulk } from '../bulk.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';
import { unseenParameter, unseenReply } from '../unseen.js';

const parameters = z.strictObject({
  accept: z
    .enum(['registered', 'any'])
    .default('any')
    .describe(
      '`registered`: the address that was registered (`sluice domain add`, or `addresses`). `any`: also what looks like one.',
    ),
  addresses: z
    .array(z.string().min(1).max(500))
    .max(100)
    .default([])
    .describe('Postal addresses that count as registered, beside the one of the From domain.'),
  unseen: unseenParameter(),
});

type Parameters = z.infer<typeof parameters>;

function judge(facts: MessageFacts, { accept, unseen }: Parameters): Objection | null {
  const bulk = ofBulk(facts);
  if (bulk === null) return null;
  const found = bulk.postalAddresses;
  if (accept === 'any' ? found.length > 0 : found.some(({ by }) => by === 'registered')) return null;
  if (bulk.opaque && unseen === 'pass') return null;
  const evidence = { found: found.map(({ by, part }) => ({ by, part })) };
  if (bulk.opaque) return { situation: 'unseen', values: {}, evidence };
  return { situation: accept === 'any' ? 'missing' : 'unregistered', values: {}, evidence };
}

export const messagePostalAddress: Rule<Parameters> = {
  id: 'message.postal-address',
  summary: 'Bulk mail has a postal address of its sender.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'In addition, Customer must comply with the CAN-SPAM Act of 2003 and other laws and regulations applicable to bulk or commercial email.',
  },
  parameters,
  replies: {
    missing: {
      code: 554,
      status: '5.7.1',
      text: "This bulk mail lacks its sender's postal address (15 USC 7704(a)(5))",
      when: 'Nothing in the text looks like a postal address, nor is the registered one there.',
      remedy: 'Put a valid postal address into the text.',
    },
    unregistered: {
      code: 554,
      status: '5.7.1',
      text: 'This bulk mail lacks the postal address that is registered for its sender',
      when: 'The registered postal address is not in the text, and `accept: registered`.',
      remedy: 'Put the registered address into the text, or have the right one registered.',
    },
    unseen: unseenReply('a postal address'),
  },
  needs: [],
  messageNeeds: () => ['bulk', 'postal-address', 'registration'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
