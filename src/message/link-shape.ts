/** What is left of a URL when everything that may differ from reader to reader is taken off. */

const MAX_QUERY_KEYS = 12;
const MAX_SEGMENTS = 12;
const LONGEST_WORD = 40;

const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const MAILTO = /^mailto:([^?]{0,500})/i;
const VARIES = /[\d%]/;

/** `https://click.shop.example/c/8fA2xQ?u=123&c=spring` becomes `click.shop.example/c/*?c&u`. */
export function linkShape(url: string): string {
  const mailto = MAILTO.exec(url);
  if (mailto !== null) return `mailto:${(mailto[1] ?? '').split('@').at(-1)?.toLowerCase() ?? ''}`;
  const start = hostStart(url);
  const hash = url.indexOf('#', start);
  const whole = hash < 0 ? url : url.slice(0, hash);
  const mark = whole.indexOf('?', start);
  const beforeQuery = mark < 0 ? whole.length : mark;
  const slash = whole.indexOf('/', start);
  const hostEnd = slash < 0 ? beforeQuery : Math.min(slash, beforeQuery);
  const keys = mark < 0 ? [] : queryKeys(whole.slice(mark + 1));
  const shape = hostShape(whole.slice(start, hostEnd)) + pathShape(whole.slice(hostEnd, beforeQuery));
  return keys.length === 0 ? shape : `${shape}?${keys.join('&')}`;
}

function hostStart(url: string): number {
  if (url.startsWith('https://')) return 8;
  const scheme = SCHEME.exec(url)?.[0].length ?? 0;
  return url.startsWith('//', scheme) ? scheme + 2 : scheme;
}

function hostShape(host: string): string {
  const lower = host.toLowerCase();
  return VARIES.test(lower) || lower.length > LONGEST_WORD ? lower.split('.').map(stable).join('.') : lower;
}

function pathShape(path: string): string {
  let shape = '';
  for (const segment of path.split('/', MAX_SEGMENTS)) if (segment !== '') shape += `/${stable(segment)}`;
  return shape;
}

function queryKeys(query: string): readonly string[] {
  const keys = new Set<string>();
  for (const pair of query.split('&', MAX_QUERY_KEYS)) {
    const equals = pair.indexOf('=');
    const key = equals < 0 ? pair : pair.slice(0, equals);
    if (key !== '' && !variesByReader(key)) keys.add(key);
  }
  return [...keys].sort();
}

function stable(segment: string): string {
  return variesByReader(segment) ? '*' : segment;
}

/** Identifiers: digits in it, capitals within it, or as long as no word is. */
function variesByReader(segment: string): boolean {
  if (segment.length > LONGEST_WORD) return true;
  let afterSmall = false;
  for (let at = 0; at < segment.length; at++) {
    const code = segment.charCodeAt(at);
    if ((code >= 0x30 && code <= 0x39) || code === 0x25) return true;
    if (afterSmall && code >= 0x41 && code <= 0x5a && segment.length >= 6) return true;
    afterSmall = code >= 0x61 && code <= 0x7a;
  }
  return false;
}
