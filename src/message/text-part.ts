/** A text part read: transfer encoding and charset undone, visible text, links. */

import { findBareLinks } from './bare-links.js';
import { calendarText } from './calendar-text.js';
import { decodeCharset } from './charset.js';
import { readHtml } from './html-text.js';
import type { Image, Link, PartDefect, TextPart, Unseen } from './inspection.js';
import type { TextLeaf } from './message-tree.js';
import { undoTransfer } from './transfer-encoding.js';

export interface ReadText {
  readonly text: TextPart;
  readonly links: readonly Link[];
  readonly images: readonly Image[];
  readonly defects: readonly PartDefect[];
  readonly unseen: readonly Unseen[];
  readonly tooManyLinks: boolean;
}

/** What is around a bare URL in its line. */
const AROUND = 120;
const META_CHARSET = /<meta[^>]{0,200}charset\s{0,5}=\s{0,5}["']?([a-z0-9_:.-]{1,40})/i;
const PGP_MESSAGE = '-----BEGIN PGP MESSAGE-----';

export function readTextPart({ part, octets }: TextLeaf, maxLinks: number): ReadText {
  const defects: PartDefect[] = [];
  const unseen: Unseen[] = [];
  const cannotSee = (why: Unseen['why']): void => void unseen.push({ part: part.path, type: part.type, why });
  const transferred = undoTransfer(octets, part.encoding);
  if (transferred.malformed) defects.push(part.encoding === 'base64' ? 'bad-base64' : 'bad-quoted-printable');
  if (part.defects.includes('bad-encoding')) cannotSee('encoding');
  const kind = kindOf(part.type);
  const charset = part.parameters.charset ?? (kind === 'html' ? metaCharset(transferred.octets) : null);
  const decoded = decodeCharset(transferred.octets, charset);
  if (!decoded.known) {
    defects.push('bad-charset');
    cannotSee('charset');
  } else if (decoded.lossy) defects.push('undecodable-octets');
  if (decoded.text.includes(PGP_MESSAGE)) cannotSee('encrypted');
  const common = {
    part: part.path,
    kind,
    charset: (charset ?? 'us-ascii').toLowerCase(),
    embedded: part.embedded,
    alternativeOf: part.alternativeOf,
  } as const;
  const seen =
    kind === 'html'
      ? fromHtml(decoded.text, common, maxLinks)
      : fromPlain(decoded.text, common, part.parameters, maxLinks);
  return { ...seen, defects, unseen };
}

function kindOf(type: string): TextPart['kind'] {
  if (type === 'text/calendar') return 'calendar';
  return type === 'text/html' || type === 'text/x-amp-html' ? 'html' : 'plain';
}

function metaCharset(octets: Buffer): string | null {
  return META_CHARSET.exec(octets.toString('latin1', 0, 4_096))?.[1] ?? null;
}

type Common = Omit<TextPart, 'visible' | 'hidden'>;
type Seen = Pick<ReadText, 'text' | 'links' | 'images' | 'tooManyLinks'>;

function fromHtml(html: string, common: Common, maxLinks: number): Seen {
  const { part, embedded } = common;
  const { visible, hidden, links: anchors, images, tooManyLinks } = readHtml(html, maxLinks);
  const links: Link[] = [];
  // The text of an anchor often is its URL; that is one link.
  const known = new Set<string>();
  for (const { url, text, kind, hidden, before, after } of anchors) {
    links.push({ url, text, kind, hidden, before, after, part, embedded });
    known.add(url).add(text);
  }
  const bare = bareLinks(visible, common, maxLinks - links.length).filter(({ url }) => !known.has(url));
  return {
    text: { ...common, visible, hidden },
    links: [...links, ...bare],
    images: images.map(({ url, alt, hidden }) => ({ url, alt, hidden, part })),
    tooManyLinks,
  };
}

function fromPlain(text: string, common: Common, parameters: Readonly<Record<string, string>>, maxLinks: number): Seen {
  const lines = text.replace(/\r\n?/g, '\n');
  const visible = common.kind === 'calendar' ? calendarText(lines) : unflow(lines, parameters);
  const links = bareLinks(visible, common, maxLinks);
  return { text: { ...common, visible, hidden: '' }, links, images: [], tooManyLinks: links.length >= maxLinks };
}

/** RFC 3676 §4.2: a space before the line end says that the paragraph goes on; but `-- ` begins a signature. */
function unflow(text: string, { format, delsp }: Readonly<Record<string, string>>): string {
  if (format?.toLowerCase() !== 'flowed') return text;
  const join = delsp?.toLowerCase() === 'yes' ? '' : ' ';
  const lines = text.split('\n');
  const flows = (line: string): boolean => line.endsWith(' ') && line !== '-- ';
  return lines
    .map((line, index) => (index === lines.length - 1 ? line : flows(line) ? line.slice(0, -1) + join : `${line}\n`))
    .join('');
}

function bareLinks(text: string, { part, embedded }: Common, max: number): Link[] {
  return findBareLinks(text, Math.max(0, max)).map(({ url, at }) => ({
    url,
    text: url,
    kind: 'bare',
    hidden: false,
    part,
    embedded,
    before: around(text.slice(Math.max(0, at - AROUND), at)).at(-1) ?? '',
    after: around(text.slice(at + url.length, at + url.length + AROUND))[0] ?? '',
  }));
}

/** Paragraphs of it: an empty line ends what belongs together. */
function around(text: string): readonly string[] {
  return text.split(/\n\s*\n/).map((paragraph) => paragraph.replace(/\s+/g, ' ').trim());
}
