import { askBlocklists } from './blocklists.js';
import { type ClamdOptions, scanWithClamd } from './clamd.js';
import type { Lookups } from './contract.js';
import { askMailDomain } from './mail-domain.js';
import { matchPatterns, type Pattern } from './patterns.js';
import { DnsResolver, type ResolverOptions } from './resolver.js';
import { type RspamdOptions, scanWithRspamd } from './rspamd.js';

export interface LookupOptions {
  readonly dns: ResolverOptions;
  readonly clamd: ClamdOptions | null;
  readonly rspamd: RspamdOptions | null;
  readonly patterns: readonly Pattern[];
}

/** Everything that is asked of others, with one cache for the DNS. */
export function createLookups({ dns, clamd, rspamd, patterns }: LookupOptions): Lookups {
  const resolver = new DnsResolver(dns);
  return {
    mailDomain: (domain) => askMailDomain(resolver, domain),
    listings: (addresses, zones) => askBlocklists(resolver, addresses, zones),
    virus: clamd === null ? null : () => scanWithClamd(clamd),
    spam: rspamd === null ? null : (envelope) => scanWithRspamd(rspamd, envelope),
    patterns: patterns.length === 0 ? null : (texts) => matchPatterns(patterns, texts),
  };
}
