/** What is left of a URL when everything that may differ from reader to reader is taken off. */

const MAX_QUERY_KEYS = 12;

/** `https://click.shop.example/c/8fA2xQ?u=123&c=spring` becomes `click.shop.example/c/*?c&u`. */
export function linkShape(url: string): string {
  const mailto = /^mailto:([^?]{0,500})/i.exec(url);
  if (mailto !== null) return `mailto:${(mailto[1] ?? '').split('@').at(-1)?.toLowerCase() ?? ''}`;
  const parts = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/)?([^/?#]*)([^?#]*)(?:\?([^#]*))?/i.exec(url);
  const [, host = '', path = '', query = ''] = parts ?? [];
  const keys = query
    .split('&', MAX_QUERY_KEYS)
    .map((pair) => pair.split('=', 1)[0] ?? '')
    .filter((key) => key !== '' && !variesByReader(key));
  const shape = [
    host.toLowerCase().split('.').map(stable).join('.'),
    ...path
      .split('/', 12)
      .filter((segment) => segment !== '')
      .map(stable),
  ].join('/');
  return keys.length === 0 ? shape : `${shape}?${[...new Set(keys)].sort().join('&')}`;
}

function stable(segment: string): string {
  return variesByReader(segment) ? '*' : segment;
}

/** Identifiers: digits in it, capitals within it, or as long as no word is. */
function variesByReader(segment: string): boolean {
  return /\d|%/.test(segment) || (segment.length >= 6 && /[a-z][A-Z]/.test(segment)) || segment.length > 40;
}
