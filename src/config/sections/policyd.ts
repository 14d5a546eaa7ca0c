import { z } from 'zod';
import { durationSchema } from '../../units/duration.js';
import { mtaListenerSchema, traceFieldSchema } from '../values/mta-listener.js';

const policydListenerSchema = mtaListenerSchema({
  peers: 'Postfixes that may connect. Whoever may says who the client is, so keep it to your own.',
  maxConnections: "Connections at once, of each worker: one for each of Postfix's smtpd processes. More are closed.",
});

const timeoutsSchema = z
  .strictObject({
    request: durationSchema({ minMs: 100 })
      .prefault('10s')
      .describe('A request that has begun must be whole within so long.'),
    idle: durationSchema({ minMs: 100 })
      .prefault('2h')
      .describe(
        'A connection that asks nothing for so long is closed: Postfix asks nothing while a client sends its message.',
      ),
    message: durationSchema({ minMs: 100 })
      .prefault('2h')
      .describe(
        'A message of which nothing was heard for so long is over. It is sooner when Postfix asks about another one on the same connection, or 10 seconds after it closed it.',
      ),
  })
  .prefault({})
  .describe('How long Postfix is waited for.');

export const policydSchema = z
  .strictObject({
    listen: z
      .array(policydListenerSchema)
      .default([])
      .describe(
        'Where Postfixes connect. Empty: no policy server. With one here, `listen` is empty unless it is given.',
      ),
    charge: z
      .enum(['end-of-message', 'recipient'])
      .default('end-of-message')
      .describe(
        'When what was let through is charged. `end-of-message`: as Postfix asks there (`smtpd_end_of_data_restrictions`); what never came so far costs nothing. `recipient`: Postfix asks about recipients only; each one is charged as it is let through, whatever becomes of the message, and no rule sees how large it is but by what the client declares.',
      ),
    traceField: traceFieldSchema().describe(
      'Name of a header field that carries the transaction id (`ref=`) into the message. Absent: none.',
    ),
    maxRequests: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .default(100_000)
      .describe('A connection is closed after so many requests, between two messages; Postfix opens another.'),
    timeouts: timeoutsSchema,
  })
  .prefault({})
  .describe('Sluice as a policy server: a Postfix that stays in front asks it (docs/deploying-policyd.md).');
