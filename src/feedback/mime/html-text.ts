const BLOCK = /^\/?(?:p|div|br|tr|li|h[1-6]|table|ul|ol|pre|blockquote|hr|td)\b/i;
const NOT_SHOWN = /^(style|script|title)\b/i;
/** `<user@example.com>` that a careless reporter put into HTML as it is. */
const MAILBOX = /^[^\s<>@]{1,64}@[^\s<>@]{1,255}$/;
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  agrave: 'à',
  ccedil: 'ç',
  aacute: 'á',
  iacute: 'í',
  oacute: 'ó',
  uacute: 'ú',
  ntilde: 'ñ',
};

/** HTML as its reader sees it, roughly: tags gone, blocks as lines, entities undone. Linear whatever comes. */
export function plainText(html: string): string {
  let text = '';
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    text += html.slice(at, open === -1 ? html.length : open);
    if (open === -1) break;
    const close = html.indexOf('>', open);
    if (close === -1) break;
    const tag = html.slice(open + 1, Math.min(close, open + 40));
    if (BLOCK.test(tag)) text += '\n';
    else if (MAILBOX.test(html.slice(open + 1, Math.min(close, open + 330)))) text += html.slice(open, close + 1);
    at = afterTag(html, tag, open, close);
  }
  return text
    .replace(/&(#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8});/gi, (whole, name: string) => entity(name) ?? whole)
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

function afterTag(html: string, tag: string, open: number, close: number): number {
  if (tag.startsWith('!--')) {
    const end = html.indexOf('-->', open);
    return end === -1 ? html.length : end + 3;
  }
  const hidden = NOT_SHOWN.exec(tag)?.[1];
  if (hidden === undefined) return close + 1;
  const end = html.indexOf(`</${hidden}`, close);
  return end === -1 ? html.length : html.indexOf('>', end) + 1 || html.length;
}

function entity(name: string): string | null {
  if (!name.startsWith('#')) return NAMED[name] ?? null;
  const code = /^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number.parseInt(name.slice(1), 10);
  return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
}
