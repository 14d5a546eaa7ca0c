import { createRequire } from 'node:module';

/** Loaded when first asked: the list takes longer to load than many a command to run. */
let suffixes: typeof import('tldts') | null = null;

/**
 * Whether two domains are of one organization, as DMARC's relaxed alignment asks
 * (RFC 7489 §3.1 and §3.2), by the Public Suffix List that the package `tldts`
 * brings; its private part too, where customers of a host are strangers.
 */
export function isAligned(one: string, other: string): boolean {
  return one === other || organizationOf(one) === organizationOf(other);
}

function organizationOf(domain: string): string {
  suffixes ??= createRequire(import.meta.url)('tldts') as typeof import('tldts');
  const found = suffixes.getDomain(domain, {
    allowPrivateDomains: true,
    extractHostname: false,
    validateHostname: false,
  });
  // A public suffix itself, or an address literal: nobody's but its own.
  return found ?? domain;
}
