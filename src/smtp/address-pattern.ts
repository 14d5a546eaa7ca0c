/**
 * Patterns of addresses, as in an account's list of senders: one mailbox
 * (`a@example.com`), all of a domain (`example.com`), or all of its subdomains
 * without itself (`*.example.com`).
 */

import { type Address, normaliseDomain } from './address.js';
import { parseAddress } from './path.js';

export type AddressPattern =
  | { readonly kind: 'address'; readonly key: string }
  | { readonly kind: 'domain'; readonly domain: string }
  | { readonly kind: 'subdomains'; readonly domain: string };

export type PatternResult =
  | { readonly ok: true; readonly pattern: AddressPattern }
  | { readonly ok: false; readonly reason: string };

export function parsePattern(text: string): PatternResult {
  if (text.startsWith('*.')) {
    const domain = hostDomain(text.slice(2));
    return domain === null ? refused(text) : { ok: true, pattern: { kind: 'subdomains', domain } };
  }
  if (text.includes('@')) {
    const address = text.includes('<') ? null : parseAddress(text);
    return address === null ? refused(text) : { ok: true, pattern: { kind: 'address', key: address.key } };
  }
  const domain = normaliseDomain(text);
  return domain === null ? refused(text) : { ok: true, pattern: { kind: 'domain', domain } };
}

/** Does the address match the pattern? One that cannot be read matches nothing. */
export function matchesPattern(address: Address, pattern: string): boolean {
  return matchesAnyPattern(address, [pattern]);
}

/** Does the address match one of the patterns? Takes as long for ten thousand patterns as for ten: lists are read once and kept by identity. */
export function matchesAnyPattern(address: Address, patterns: readonly string[]): boolean {
  const list = compiled(patterns);
  if (list.addresses.has(address.key) || list.domains.has(address.domain)) return true;
  if (list.parents.size === 0) return false;
  for (let dot = address.domain.indexOf('.'); dot >= 0; dot = address.domain.indexOf('.', dot + 1)) {
    if (list.parents.has(address.domain.slice(dot + 1))) return true;
  }
  return false;
}

interface CompiledPatterns {
  readonly addresses: ReadonlySet<string>;
  readonly domains: ReadonlySet<string>;
  readonly parents: ReadonlySet<string>;
}

const compilations = new WeakMap<readonly string[], CompiledPatterns>();

function compiled(patterns: readonly string[]): CompiledPatterns {
  const known = compilations.get(patterns);
  if (known !== undefined) return known;
  const read = patterns.flatMap((text) => {
    const result = parsePattern(text);
    return result.ok ? [result.pattern] : [];
  });
  const list = {
    addresses: new Set(read.flatMap((pattern) => (pattern.kind === 'address' ? [pattern.key] : []))),
    domains: new Set(read.flatMap((pattern) => (pattern.kind === 'domain' ? [pattern.domain] : []))),
    parents: new Set(read.flatMap((pattern) => (pattern.kind === 'subdomains' ? [pattern.domain] : []))),
  };
  compilations.set(patterns, list);
  return list;
}

function hostDomain(text: string): string | null {
  const domain = normaliseDomain(text);
  return domain === null || domain.startsWith('[') ? null : domain;
}

function refused(text: string): PatternResult {
  return {
    ok: false,
    reason: `${JSON.stringify(text)} is no address pattern: expected a@example.com, example.com or *.example.com`,
  };
}
