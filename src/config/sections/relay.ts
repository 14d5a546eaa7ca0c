import { z } from 'zod';
import { durationSchema } from '../../units/duration.js';
import { endpointSchema } from '../values/endpoint.js';
import { pem, secret } from '../values/roles.js';
import { certificateSchema } from './listen.js';

export const tlsSchema = z
  .strictObject({
    mode: z
      .enum(['off', 'opportunistic', 'verify'])
      .default('opportunistic')
      .describe(
        '`opportunistic`: STARTTLS where offered, certificate not verified. `verify`: TLS and a valid certificate, or no mail.',
      ),
    implicit: z
      .boolean()
      .default(false)
      .describe('TLS from the first byte (RFC 8314 section 3.3) instead of STARTTLS.'),
    ca: pem().exactOptional().describe("Authorities to trust instead of the system's: a PEM file, or PEM text."),
    servername: z
      .string()
      .min(1)
      .exactOptional()
      .describe("Name that the certificate must carry, when it is not the host's."),
    certificate: certificateSchema().exactOptional().describe('Certificate to show to relays that ask for one.'),
  })
  .prefault({})
  .describe('TLS to the relay.');

export const authSchema = z
  .strictObject({
    username: z.string().min(1).describe('Who we are at the relay.'),
    password: secret().describe('Password; best taken from the environment or a file.'),
  })
  .exactOptional()
  .describe('AUTH to the relay. Absent: none.');

const poolSchema = z
  .strictObject({
    limit: z.int().min(1).max(10_000).default(50).describe('Connections at once, of each worker.'),
    maxIdle: z.int().min(0).max(10_000).default(20).describe('Unused connections that are kept, of each worker.'),
    idleTimeout: durationSchema()
      .prefault('30s')
      .describe("Unused connections are closed after this; below the relay's own limit."),
    acquireTimeout: durationSchema({ minMs: 1 })
      .prefault('30s')
      .describe('A transaction that gets no connection for so long is deferred with 451.'),
    maxTransactions: z.int().min(1).default(100).describe('Transactions of one connection before it is replaced.'),
  })
  .prefault({})
  .describe('Connections to the relay are kept and shared.');

const timeoutsSchema = z
  .strictObject({
    connect: durationSchema({ minMs: 1 }).prefault('10s').describe('TCP connection, and TLS handshake.'),
    greeting: durationSchema({ minMs: 1 }).prefault('1m').describe('Greeting, EHLO, STARTTLS, AUTH and XCLIENT, each.'),
    command: durationSchema({ minMs: 1 })
      .prefault('5m')
      .describe('MAIL and RCPT, each (RFC 5321 section 4.5.3.2: 5 minutes).'),
    data: durationSchema({ minMs: 1 }).prefault('2m').describe('DATA (RFC 5321 section 4.5.3.2.4: 2 minutes).'),
    block: durationSchema({ minMs: 1 })
      .prefault('3m')
      .describe('Message bytes that the relay does not take (RFC 5321 section 4.5.3.2.5: 3 minutes).'),
    finalDot: durationSchema({ minMs: 1 })
      .prefault('10m')
      .describe('Reply to the end of data (RFC 5321 section 4.5.3.2.6: 10 minutes).'),
  })
  .prefault({})
  .describe('How long the relay is waited for.');

const retrySchema = z
  .strictObject({
    first: durationSchema({ minMs: 1 }).prefault('1s').describe('Wait before the first new attempt.'),
    longest: durationSchema({ minMs: 1 }).prefault('30s').describe('The wait doubles each time up to this.'),
  })
  .prefault({})
  .describe('When a relay host that is down is tried again.');

export const relaySchema = z
  .strictObject({
    hosts: z
      .array(endpointSchema().describe('`host:port`, `[IPv6 address]:port` or `unix:/path`.'))
      .min(1, { error: 'expected at least one relay host' })
      .prefault(['127.0.0.1:10025'])
      .describe('The outbound relay: one address or several of equal ones.'),
    strategy: z
      .enum(['preference', 'round-robin'])
      .default('preference')
      .describe('`preference`: the first host that is up. `round-robin`: each in turn.'),
    tls: tlsSchema,
    auth: authSchema,
    envelope: z
      .enum(['immediate', 'deferred'])
      .default('immediate')
      .describe(
        "`immediate`: the relay's refusal of a recipient is heard at RCPT. `deferred`: the envelope goes out in one write at DATA.",
      ),
    identity: z
      .enum(['none', 'xclient', 'xforward'])
      .default('none')
      .describe('How the relay is told who the client is, if it offers that.'),
    finality: z
      .enum(['queues', 'delivers'])
      .default('queues')
      .describe("`delivers`: the relay's 250 means delivered (LMTP, direct delivery) and ends a rejection streak."),
    pool: poolSchema,
    timeouts: timeoutsSchema,
    retry: retrySchema,
  })
  .prefault({})
  .describe('The MTA behind us, which queues and delivers.');
