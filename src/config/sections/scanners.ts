import { z } from 'zod';
import { durationSchema } from '../../units/duration.js';
import { sizeSchema } from '../../units/size.js';
import { endpointSchema, hostPortSchema } from '../values/endpoint.js';
import { file, secret, secretUrl } from '../values/roles.js';

const timeout = () =>
  durationSchema({ minMs: 1, maxMs: 600_000 })
    .prefault('10s')
    .describe('Without any progress for so long it has failed, and `message.content` does as its `onFailure` says.');

const maxSize = (octets: string) =>
  sizeSchema().prefault(octets).describe('Larger messages pass without being scanned.');

export const dnsSchema = z
  .strictObject({
    servers: z
      .array(hostPortSchema())
      .max(8)
      .default([])
      .describe("Name servers, such as `127.0.0.1:53`. None: the machine's. Blocklists refuse the large public ones."),
    timeout: durationSchema({ minMs: 1, maxMs: 60_000 })
      .prefault('2s')
      .describe('Without an answer for so long a question has none.'),
    cacheFor: durationSchema()
      .prefault('10m')
      .describe('Answers are kept for so long; that there is none, a fifth of it.'),
    cacheSize: z.int().min(1).max(10_000_000).default(20_000).describe('So many answers are kept, in each process.'),
    maxQuestions: z.int().min(1).max(100_000).default(500).describe('So many questions at once, in each process.'),
  })
  .prefault({})
  .describe(
    'Questions to the DNS, for `message.source` and `reputation.blocklist`. A failure of it never rejects mail.',
  );

export const scannersSchema = z
  .strictObject({
    clamd: z
      .strictObject({
        address: endpointSchema().describe('`unix:/path`, `host:port` or `[IPv6 address]:port`.'),
        timeout: timeout(),
        maxSize: maxSize('25MiB'),
      })
      .exactOptional()
      .describe('ClamAV: messages are streamed to clamd (INSTREAM).'),
    rspamd: z
      .strictObject({
        url: secretUrl(/^http:\/\/./, 'an http URL').describe('Of a normal worker or proxy: `http://127.0.0.1:11333`.'),
        password: secret().exactOptional().describe('If rspamd asks for one.'),
        timeout: timeout(),
        maxSize: maxSize('10MiB'),
      })
      .exactOptional()
      .describe('rspamd: messages are streamed to it over HTTP.'),
    patterns: z
      .array(file())
      .default([])
      .describe(
        'Files of patterns: lines `name field expression` with RE2 expressions; the field is one of subject, from, text, link, any.',
      ),
    words: z
      .array(file())
      .default([])
      .describe('Files with more words by which texts are understood, as docs/inspection.md says.'),
  })
  .prefault({})
  .describe('Programs and files that messages are held against, for `message.content`.');

export const domainsSchema = z
  .strictObject({
    verifyEvery: durationSchema({ minMs: 1_000 })
      .exactOptional()
      .describe(
        'Registered domains are verified again so often, as `sluice domain verify` does. Absent: never by itself.',
      ),
  })
  .prefault({})
  .describe('Domains that accounts registered for bulk mail (`sluice domain`).');
