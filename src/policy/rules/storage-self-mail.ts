import { z } from 'zod';
import { byteRatesSchema } from '../../units/rate.js';
import { overLimit, volumeReplies } from '../over-limit.js';
import type { Rule } from '../rule.js';

const parameters = z.strictObject({
  limits: byteRatesSchema()
    .prefault(['250MiB/1d'])
    .describe('At most so many octets of messages from the account to none but itself in any window of that length.'),
});

export const storageSelfMail: Rule<z.infer<typeof parameters>> = {
  id: 'storage.self-mail',
  summary: 'An account does not keep data by mailing them to itself.',
  clause: {
    section: 'E-Mail Requirements',
    text: '(c) use an email box as a storage space for data;',
  },
  parameters,
  replies: volumeReplies('', 'for mail of this account to itself'),
  needs: [],
  exemptible: false,
  limits: ({ limits }) => limits.map((rate) => ({ scope: 'account', resource: 'self-bytes', ...rate })),
  judge: {
    message: (facts) => (facts.selfMail ? overLimit('storage.self-mail', facts.usage, facts.size) : null),
  },
};
