import { z } from 'zod';
import { ratesSchema } from '../../units/rate.js';
import { overLimit, volumeReplies } from '../over-limit.js';
import type { Rule } from '../rule.js';

const parameters = z.strictObject({
  limits: ratesSchema()
    .prefault(['1000/1h', '5000/1d'])
    .describe('At most so many messages of the account in any window of that length.'),
});

export const volumeMessages: Rule<z.infer<typeof parameters>> = {
  id: 'volume.messages',
  summary: 'An account sends no more messages in a time than its plan has.',
  clause: {
    section: 'Excessive Use of System Resources',
    text: 'Customer may not use any shared system provided by SmartSource in a way that unnecessarily interferes with the normal operation of the shared system, or that consumes a disproportionate share of the resources of the system.',
  },
  parameters,
  replies: volumeReplies('messages', 'for this account'),
  needs: [],
  exemptible: true,
  limits: ({ limits }) => limits.map((rate) => ({ scope: 'account', resource: 'messages', ...rate })),
  judge: {
    recipient: (facts) => overLimit('volume.messages', facts.usage, 1),
    message: (facts) => overLimit('volume.messages', facts.usage, 1),
  },
};
