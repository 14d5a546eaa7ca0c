import { z } from 'zod';
import type { Rule } from '../rule.js';

const parameters = z.strictObject({
  limit: z
    .int()
    .min(1)
    .max(100_000)
    .default(100)
    .describe('At most so many distinct recipients of one message. RFC 5321 section 4.5.3.1.8 asks for at least 100.'),
});

export const volumeRecipientsPerMessage: Rule<z.infer<typeof parameters>> = {
  id: 'volume.recipients-per-message',
  summary: 'One message has no more recipients than allowed; the others go with the next.',
  clause: {
    section: 'E-Mail Requirements',
    text: "using an email account on the SmartSource's Network to send spam or bulk email",
  },
  parameters,
  replies: {
    tooMany: {
      code: 452,
      status: '4.5.3',
      text: 'A message may have at most {limit} recipients, please send to the others in another message',
      when: 'RCPT after as many recipients were accepted as a message may have.',
      remedy: 'Nothing for a mail server, which sends to the others by itself; else send in smaller groups.',
    },
  },
  needs: [],
  exemptible: false,
  judge: {
    recipient: ({ position }, { limit }) =>
      position <= limit ? null : { situation: 'tooMany', values: { limit }, evidence: { limit, position } },
  },
};
