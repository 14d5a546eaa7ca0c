import { z } from 'zod';
import { durationSchema } from '../../units/duration.js';
import { endpointSchema } from '../values/endpoint.js';
import { networkSchema } from '../values/names.js';
import { socketModeSchema } from '../values/socket-mode.js';

const policydListenerSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, { error: 'expected a name of letters, digits, -, _ and .' })
    .describe('What logs and metrics call it.'),
  address: endpointSchema().describe('`host:port`, `[IPv6 address]:port` or `unix:/path`. Port 0 takes any free one.'),
  mode: socketModeSchema()
    .exactOptional()
    .describe('Permissions of a unix socket, in quotes: `"0660"`. Absent: as the umask has them.'),
  peers: z
    .array(networkSchema().describe('An address, a network, or `unix`.'))
    .default(['127.0.0.0/8', '::1', 'unix'])
    .describe('Postfixes that may connect. Whoever may says who the client is, so keep it to your own.'),
  maxConnections: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(5000)
    .describe("Connections at once, of each worker: one for each of Postfix's smtpd processes. More are closed."),
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
        'When what was let through is charged. `end-of-message`: as Postfix asks there (`smtpd_end_of_data_restrictions`); what never came so far costs nothing. `recipient`: Postfix asks about recipients only; each one that was let through is charged, whatever becomes of the message, and no rule sees how large it is.',
      ),
    traceField: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9-]{0,63}$/, { error: 'expected the name of a header field such as X-Sluice-Id' })
      .exactOptional()
      .describe('Name of a header field that carries the transaction id (`ref=`) into the message. Absent: none.'),
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
