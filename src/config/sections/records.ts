import { z } from 'zod';
import { durationSchema } from '../../units/duration.js';

export const decisionsSchema = z
  .strictObject({
    keep: durationSchema().prefault('30d').describe('Older ones go.'),
    max: z.int().min(0).default(1_000_000).describe('Beyond so many the oldest go.'),
    passes: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe('Share of the passed transactions that is kept; objections are always kept.'),
    texts: z
      .enum(['leave-out', 'keep'])
      .default('leave-out')
      .describe(
        'Whether findings keep what the message says: its subject, unsubscribe links and sentences, address blocks. Without them it can be judged again all the same.',
      ),
  })
  .prefault({})
  .describe('The record of what was judged, and why.');

export const outcomesSchema = z
  .strictObject({
    presumeDeliveredAfter: durationSchema({ minMs: 1 })
      .prefault('7d')
      .describe(
        'Accepted mail that nobody reported as rejected for so long counts as delivered and ends a rejection streak.',
      ),
    keep: durationSchema({ minMs: 1 })
      .prefault('60d')
      .describe('Rejection streaks are forgotten when nothing was heard of them for so long.'),
  })
  .prefault({})
  .describe('What became of mail after the relay took it.');
