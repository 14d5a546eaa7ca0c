import { z } from 'zod';
import { ratesSchema } from '../../units/rate.js';
import { overLimit, volumeReplies } from '../over-limit.js';
import type { Rule } from '../rule.js';

const parameters = z.strictObject({
  limits: ratesSchema()
    .prefault(['2000/1h', '10000/1d'])
    .describe(
      'At most so many recipients of the account in any window of that length, each recipient of each message counted.',
    ),
});

export const volumeRecipients: Rule<z.infer<typeof parameters>> = {
  id: 'volume.recipients',
  summary: 'An account mails no more recipients in a time than its plan has.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'Customer may not send unsolicited email messages, including, without limitation, bulk commercial advertising or informational announcements ("spam") in a way that could be reasonably expected to adversely impact the SmartSource Network',
  },
  parameters,
  replies: volumeReplies('recipients', 'for this account'),
  needs: [],
  exemptible: true,
  limits: ({ limits }) => limits.map((rate) => ({ scope: 'account', resource: 'recipients', ...rate })),
  judge: {
    recipient: (facts) => overLimit('volume.recipients', facts.usage, 1),
    message: (facts) => overLimit('volume.recipients', facts.usage, 1),
  },
};
