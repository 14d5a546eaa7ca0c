import { z } from 'zod';
import { durationSchema } from '../../units/duration.js';
import { mtaListenerSchema, traceFieldSchema } from '../values/mta-listener.js';

const milterListenerSchema = mtaListenerSchema({
  peers: 'MTAs that may connect. Whoever may says who the client is, so keep it to your own.',
  maxConnections: 'Connections of MTAs at once, of each worker: one for each SMTP session. More are closed.',
});

const timeoutsSchema = z
  .strictObject({
    idle: durationSchema({ minMs: 100 })
      .prefault('2h')
      .describe('A connection that says nothing for so long is closed: an MTA waits for its client between commands.'),
    packet: durationSchema({ minMs: 100 })
      .prefault('1m')
      .describe('A packet that has begun must be whole, and a response be taken, within so long.'),
  })
  .prefault({})
  .describe('How long MTAs are waited for.');

export const milterSchema = z
  .strictObject({
    listen: z
      .array(milterListenerSchema)
      .default([])
      .describe('Where MTAs connect. Empty: no milter. With one here, `listen` is empty unless it is given.'),
    refusedMessages: z
      .enum(['reject', 'quarantine'])
      .default('reject')
      .describe(
        'What becomes of a whole message that a rule refuses for good (5xx): `quarantine` lets the MTA take and keep it (in Postfix: the hold queue) for a person to look at. Recipients and senders are refused as ever.',
      ),
    traceField: traceFieldSchema().describe(
      'Name of a header field that carries the transaction id (`ref=`) into the message; fields of that name that came with it are taken out. Absent: none.',
    ),
    timeouts: timeoutsSchema,
  })
  .prefault({})
  .describe('Sluice as a milter: a Postfix or Sendmail that stays in front asks it (docs/deploying-milter.md).');
