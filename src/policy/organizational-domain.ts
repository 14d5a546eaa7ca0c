/**
 * Whether two domains are of one organization, as DMARC's relaxed alignment
 * asks (RFC 7489 §3.1). Judged without the Public Suffix List: a country code
 * under a short label (`co.uk`, `com.br`) counts as one suffix. Under suffixes
 * that this does not know two strangers may look alike, never the other way.
 */
export function isAligned(one: string, other: string): boolean {
  return one === other || organizationOf(one) === organizationOf(other);
}

function organizationOf(domain: string): string {
  const labels = domain.split('.');
  const [second = '', top = ''] = labels.slice(-2);
  const isLongSuffix = top.length === 2 && /^(?:com?|net|org|gov|edu|ac|or|ne|go|gob|mil|nom|sch)$/.test(second);
  return labels.slice(isLongSuffix ? -3 : -2).join('.');
}
