import { z } from 'zod';
import { ratesSchema } from '../../units/rate.js';
import { overLimit, volumeReplies } from '../over-limit.js';
import type { Rule } from '../rule.js';

const parameters = z.strictObject({
  limits: ratesSchema()
    .prefault(['500/1h', '2000/1d'])
    .describe('At most so many exempt recipients of the account in any window of that length.'),
});

export const volumeExempt: Rule<z.infer<typeof parameters>> = {
  id: 'volume.exempt',
  summary:
    'Bounces (null reverse-path) and mail to postmaster and abuse of own domains pass the volume and suppression rules, within limits of their own.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'Customer may not use the SmartSource Network to: (a) send email messages that are excessive or intended to harass or annoy others;',
  },
  parameters,
  replies: volumeReplies('bounces and postmaster mails', 'for this account'),
  needs: [],
  exemptible: false,
  limits: ({ limits }) => limits.map((rate) => ({ scope: 'account', resource: 'exempt-recipients', ...rate })),
  judge: {
    recipient: (facts) => overLimit('volume.exempt', facts.usage, 1),
    message: (facts) => overLimit('volume.exempt', facts.usage, 1),
  },
};
