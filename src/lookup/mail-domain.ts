import type { MailDomain } from './contract.js';
import type { DnsResolver } from './resolver.js';

/**
 * Whether mail to a domain could be delivered, by RFC 5321 §5.1: an MX record,
 * or else an address. A failure of the DNS is `unknown`, never `no`.
 */
export async function askMailDomain(resolver: DnsResolver, domain: string): Promise<MailDomain> {
  const verdict = (receives: MailDomain['receives'], detail: string): MailDomain => ({ domain, receives, detail });
  // An address literal needs no DNS.
  if (domain.startsWith('[')) return verdict('yes', 'an address literal');
  const mx = await resolver.mx(domain);
  if (mx.kind === 'found') {
    const names = mx.records.filter((name) => name !== '' && name !== '.');
    if (names.length === 0) return verdict('no', 'it takes no mail (null MX, RFC 7505)');
    return verdict('yes', `MX ${names[0]}`);
  }
  if (mx.kind === 'failed') return verdict('unknown', `the DNS did not answer: ${mx.why}`);
  if (mx.noSuchName) return verdict('no', 'there is no such domain');
  const [ipv4, ipv6] = await Promise.all([resolver.ipv4(domain), resolver.ipv6(domain)]);
  for (const answer of [ipv4, ipv6]) {
    if (answer.kind === 'found') return verdict('yes', `address ${answer.records[0]}`);
  }
  for (const answer of [ipv4, ipv6]) {
    if (answer.kind === 'failed') return verdict('unknown', `the DNS did not answer: ${answer.why}`);
  }
  return verdict('no', 'it has neither MX nor address');
}
