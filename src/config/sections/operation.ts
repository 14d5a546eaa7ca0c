import { z } from 'zod';
import { durationSchema } from '../../units/duration.js';
import { endpointSchema } from '../values/endpoint.js';

export const hostnameSchema = z
  .string()
  .regex(/^[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9])?$/, { error: 'expected a host name such as mx.example.net' })
  .exactOptional()
  .describe("Our name in the greeting, EHLO and Received. Absent: the machine's name.");

export const httpSchema = z
  .strictObject({
    address: endpointSchema()
      .prefault('127.0.0.1:8025')
      .describe(
        '`host:port`, `[IPv6 address]:port` or `unix:/path`. There is no password: keep it on a private address.',
      ),
  })
  .prefault({})
  .describe('Health (`/healthz`, `/readyz`) and metrics (`/metrics`).');

export const logSchema = z
  .strictObject({
    level: z
      .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
      .default('info')
      .describe('The least severe level that is written.'),
    redactAddresses: z.boolean().default(false).describe('Local parts of addresses as hashes.'),
  })
  .prefault({})
  .describe('JSON lines on standard output. docs/logs.md lists the fields.');

export const workersSchema = z
  .union([z.literal('auto'), z.int().min(1).max(1024)], { error: 'expected auto or a number of processes' })
  .default('auto')
  .describe('Worker processes: `auto` for one a core, or a number.');

export const shutdownTimeoutSchema = durationSchema()
  .prefault('30s')
  .describe('At a stop, transactions in flight may finish for so long.');
