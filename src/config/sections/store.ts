import { z } from 'zod';
import { durationSchema } from '../../units/duration.js';
import { hostPortSchema } from '../values/endpoint.js';
import { path, pem, privatePem, secret, secretUrl } from '../values/roles.js';

const nodes = (what: string) =>
  z
    .array(hostPortSchema().describe('`host:port` or `[IPv6 address]:port`.'))
    .min(1, { error: 'expected at least one node' })
    .describe(what);

const redisTlsSchema = z.strictObject({
  ca: pem().exactOptional().describe("Authorities to trust instead of the system's: a PEM file, or PEM text."),
  cert: pem().exactOptional().describe('Client certificate: a PEM file, or PEM text.'),
  key: privatePem().exactOptional().describe('Its private key: a PEM file, or PEM text.'),
  servername: z
    .string()
    .min(1)
    .exactOptional()
    .describe("Name that the certificate must carry, when it is not the host's."),
});

const redisSchema = z.strictObject({
  url: secretUrl(/^rediss?:\/\/./, 'redis://host:port/database or rediss://host:port/database')
    .exactOptional()
    .describe('One Redis: `redis://host:6379/0`, `rediss://` for TLS. A user and password may stand in it.'),
  socket: path().exactOptional().describe('One Redis on this machine: path of its unix socket.'),
  sentinel: z
    .strictObject({
      nodes: nodes('The sentinels.'),
      name: z.string().min(1).describe("The master's name in the sentinels' configuration."),
      password: secret().exactOptional().describe("The sentinels' own password."),
    })
    .exactOptional()
    .describe('Redis behind Sentinel.'),
  cluster: z
    .strictObject({ nodes: nodes('Nodes to start from; the others are learnt.') })
    .exactOptional()
    .describe('Redis Cluster.'),
  database: z
    .int()
    .min(0)
    .max(1_000_000)
    .default(0)
    .describe('Number of the database; not with `url` (its path) or `cluster`.'),
  username: z.string().min(1).exactOptional().describe('ACL user.'),
  password: secret().exactOptional().describe('Password; best taken from the environment or a file.'),
  tls: redisTlsSchema
    .exactOptional()
    .describe('TLS; `{}` with the authorities of the system. Absent: none, unless the URL says `rediss:`.'),
  keyPrefix: z
    .string()
    .regex(/^[^{}\s]{0,64}$/, { error: 'expected at most 64 characters without spaces, { and }' })
    .default('sluice:')
    .describe('Before every key.'),
});

export const storeSchema = z
  .strictObject({
    embedded: z
      .strictObject({ path: path().default('sluice.db').describe('The database file; made if it is not there.') })
      .prefault({})
      .describe('A single file on this machine, shared by the workers. Used when `redis` is not given.'),
    redis: redisSchema
      .exactOptional()
      .describe('A Redis that several machines may share: one of `url`, `socket`, `sentinel`, `cluster`.'),
    callTimeout: durationSchema({ minMs: 10, maxMs: 60_000 })
      .prefault('500ms')
      .describe('A call that takes longer counts as failed.'),
    reservationTtl: durationSchema({ minMs: 10_000 })
      .prefault('10m')
      .describe('What a process held when it was killed comes home after this.'),
    sessionTtl: durationSchema({ minMs: 10_000 })
      .prefault('3m')
      .describe('The sessions of a process that was killed stop counting after this.'),
    onFailure: z
      .enum(['defer', 'pass'])
      .default('defer')
      .describe(
        'When the store does not answer: `defer` mail with 451, or let it `pass` without the rules that need it.',
      ),
  })
  .prefault({})
  .describe('Where state is kept.');
