import { z } from 'zod';
import type { ReplyTemplate } from './rule.js';

/** What a rule on the text does where the text cannot be read. */
export function unseenParameter() {
  return z
    .enum(['pass', 'reject'])
    .default('pass')
    .describe('What becomes of bulk mail whose text cannot be read (encrypted, an unknown charset, too large).');
}

export function unseenReply(what: string): ReplyTemplate {
  return {
    code: 554,
    status: '5.7.1',
    text: `The text of this bulk mail cannot be read, so ${what} cannot be seen in it`,
    when: 'The text is encrypted, of an unknown charset or beyond a bound, and `unseen: reject`.',
    remedy: 'Send bulk mail as readable text.',
  };
}
