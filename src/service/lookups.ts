import { readFileSync } from 'node:fs';
import type { Config } from '../config/schema.js';
import { formatEndpoint } from '../config/values/endpoint.js';
import type { Lookups } from '../lookup/contract.js';
import { createLookups } from '../lookup/lookups.js';
import { parsePatterns } from '../lookup/patterns.js';
import { parseWords, type Words, wordsWith } from '../message/words.js';

/** What a config says is asked of others about messages. Throws when a file cannot be read. */
export function lookupsOf({ dns, scanners }: Config): Lookups {
  const { clamd, rspamd, patterns } = scanners;
  return createLookups({
    dns: {
      servers: dns.servers.map(formatEndpoint),
      timeoutMs: dns.timeout,
      cacheForMs: dns.cacheFor,
      cacheSize: dns.cacheSize,
      mostAtOnce: dns.maxQuestions,
    },
    clamd: clamd === undefined ? null : { address: clamd.address, timeoutMs: clamd.timeout, maxSize: clamd.maxSize },
    rspamd:
      rspamd === undefined
        ? null
        : {
            url: rspamd.url,
            password: rspamd.password ?? null,
            timeoutMs: rspamd.timeout,
            maxSize: rspamd.maxSize,
          },
    patterns: patterns.flatMap((file) => parsePatterns(readFileSync(file, 'utf8')).patterns),
  });
}

/** Words by which texts are understood: ours, and those of the operator's files. Throws when one cannot be read. */
export function wordsOf({ scanners }: Config): Words {
  return wordsWith(
    scanners.words.map((file) => {
      const parsed = parseWords(readFileSync(file, 'utf8'));
      if (!parsed.ok) throw new Error(`${file}: ${parsed.reason}`);
      return parsed.words;
    }),
  );
}
