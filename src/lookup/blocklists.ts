import ipaddr from 'ipaddr.js';
import type { BlocklistZone, Listing, ListingsAnswer } from './contract.js';
import type { DnsResolver } from './resolver.js';

/**
 * Asks DNS blocklists (RFC 5782) about addresses. Only answers within
 * 127.0.0.0/8 are listings, and those within 127.255.255.0/24 are errors of the
 * query (a public resolver, a rate limit): taken for listings, they would stop
 * everybody's mail at once.
 */
export async function askBlocklists(
  resolver: DnsResolver,
  addresses: readonly string[],
  zones: readonly BlocklistZone[],
): Promise<ListingsAnswer> {
  const questions = zones.flatMap((zone) => addresses.map((address) => ({ zone, address })));
  const answers = await Promise.all(questions.map(({ zone, address }) => ask(resolver, address, zone)));
  const unanswered = new Map<string, string>();
  for (const answer of answers) if ('why' in answer) unanswered.set(answer.zone, answer.why);
  return {
    listings: answers.filter((answer): answer is Listing => 'codes' in answer),
    unanswered: [...unanswered].map(([zone, why]) => ({ zone, why })),
  };
}

type Answer = Listing | { readonly zone: string; readonly why: string } | { readonly zone: string };

async function ask(resolver: DnsResolver, address: string, { zone, codes = [] }: BlocklistZone): Promise<Answer> {
  const answer = await resolver.ipv4(`${reversed(address)}.${zone}`);
  if (answer.kind === 'none') return { zone };
  if (answer.kind === 'failed') return { zone, why: answer.why };
  const strange = answer.records.find((code) => !code.startsWith('127.') || code.startsWith('127.255.255.'));
  const listed = answer.records.filter(
    (code) =>
      code.startsWith('127.') && !code.startsWith('127.255.255.') && (codes.length === 0 || codes.includes(code)),
  );
  if (listed.length > 0) return { address, zone, codes: listed };
  return strange === undefined ? { zone } : { zone, why: `answered ${strange}, which is no listing` };
}

/** `192.0.2.1` as `1.2.0.192`, an IPv6 address nibble by nibble (RFC 5782 §2.4). */
export function reversed(address: string): string {
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toByteArray().reverse().join('.');
  const nibbles = parsed.toByteArray().flatMap((octet) => [octet >> 4, octet & 15]);
  return nibbles
    .reverse()
    .map((nibble) => nibble.toString(16))
    .join('.');
}
