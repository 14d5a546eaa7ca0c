import { z } from 'zod';
import { byteRatesSchema } from '../../units/rate.js';
import { overLimit, volumeReplies } from '../over-limit.js';
import type { Rule } from '../rule.js';

const parameters = z.strictObject({
  limits: byteRatesSchema()
    .prefault(['2GiB/1h', '10GiB/1d'])
    .describe(
      'At most so many octets of messages of the account in any window of that length, a message counted once however many recipients it has.',
    ),
});

export const volumeBytes: Rule<z.infer<typeof parameters>> = {
  id: 'volume.bytes',
  summary: 'An account sends no more data in a time than its plan has.',
  clause: {
    section: 'Excessive Use of System Resources',
    text: 'Customer may not use any shared system provided by SmartSource in a way that unnecessarily interferes with the normal operation of the shared system, or that consumes a disproportionate share of the resources of the system.',
  },
  parameters,
  replies: volumeReplies('', 'for this account'),
  needs: [],
  exemptible: true,
  limits: ({ limits }) => limits.map((rate) => ({ scope: 'account', resource: 'bytes', ...rate })),
  judge: {
    recipient: (facts) => overLimit('volume.bytes', facts.usage, facts.declaredSize ?? 0),
    message: (facts) => overLimit('volume.bytes', facts.usage, facts.size),
  },
};
