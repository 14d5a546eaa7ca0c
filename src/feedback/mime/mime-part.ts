import { decodeCharset } from './charset.js';
import { parseContentType } from './content-type.js';
import { HeaderSection, lineEnd, readHeaderSection } from './header-section.js';
import { plainText } from './html-text.js';
import { decodeTransfer } from './transfer-encoding.js';
import { unixLines } from './unix-lines.js';

/**
 * A body part (RFC 2046) and those inside it. Content stays raw until asked for,
 * since the fields of a delivery status must be read from the very octets, and a
 * returned message may have megabytes that nobody wants.
 */
export interface MimePart {
  readonly header: HeaderSection;
  /** In lower case. */
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  /** Octets as they came, transfer encoding not undone. */
  readonly raw: string;
  /** Of a multipart: its parts. Of an attached message: that message. */
  readonly parts: readonly MimePart[];
  /** A multipart that ends without its closing delimiter: all of it may not be here. */
  readonly isOpen: boolean;
}

const MAX_DEPTH = 8;
const MAX_PARTS = 200;
/** Of a text, what is looked at; a bounce says what it has to say well before. */
const MAX_TEXT = 262_144;
/** Five thousand recipients in one delivery status. */
const MAX_OCTETS = 4_194_304;
/** Of an attached message whose encoding has to be undone first. */
const MAX_ENCODED_MESSAGE = 262_144;
const ATTACHED_MESSAGE = /^message\/(?:rfc822|global|news|partial)$|^application\/x-rfc822$/;
const HEADERS_ONLY = /^(?:text\/rfc822-headers?|message\/(?:global-headers|rfc822-headers?)|text\/rfc822)$/;

/** Reads a message, lines ending with LF. */
export function readMessage(text: string): MimePart {
  return readPart(text, 0, text.length, { depth: 0, left: MAX_PARTS });
}

interface Budget {
  readonly depth: number;
  left: number;
}

function readPart(text: string, from: number, to: number, budget: Budget): MimePart {
  const { section, bodyAt } = readHeaderSection(text, from, to);
  const { type, parameters } = parseContentType(section.first('content-type'));
  const part = { header: section, type, parameters, raw: text.slice(bodyAt, to) };
  budget.left -= 1;
  if (budget.depth >= MAX_DEPTH || budget.left <= 0) return { ...part, parts: [], isOpen: false };
  const inner = { depth: budget.depth + 1, left: budget.left };
  const parts = innerParts(part, inner);
  budget.left = inner.left;
  return { ...part, parts, isOpen: type.startsWith('multipart/') && !isClosed(part) };
}

type Whole = Omit<MimePart, 'parts' | 'isOpen'>;

function innerParts(part: Whole, budget: Budget): MimePart[] {
  if (part.type.startsWith('multipart/')) return splitMultipart(part, budget);
  if (!ATTACHED_MESSAGE.test(part.type)) return [];
  const encoding = transferEncoding(part.header);
  // RFC 2046 §5.2.1 forbids encodings here, and some use them all the same.
  const content = /^(?:base64|quoted-printable)$/.test(encoding)
    ? unixLines(decodeTransfer(part.raw.slice(0, MAX_ENCODED_MESSAGE), encoding))
    : part.raw;
  return [readPart(content, leadingBlank(content), content.length, budget)];
}

function leadingBlank(text: string): number {
  let at = 0;
  while (text[at] === '\n') at += 1;
  return at;
}

function isClosed(part: Whole): boolean {
  const delimiter = delimiterOf(part);
  return delimiter !== null && part.raw.includes(`${delimiter}--`);
}

function splitMultipart(part: Whole, budget: Budget): MimePart[] {
  const delimiter = delimiterOf(part);
  const parts: MimePart[] = [];
  for (const [from, to] of delimiter === null ? [] : bodyRanges(part.raw, delimiter)) {
    if (budget.left <= 0) break;
    parts.push(readPart(part.raw, from, to, budget));
  }
  const hasWords = parts.some(({ type }) => /^(?:text\/(?:plain|html)|multipart\/.*)$/.test(type));
  const isReport = part.type === 'multipart/report' || parts.length === 0;
  return isReport && !hasWords ? [wordsBefore(part.raw, delimiter), ...parts] : parts;
}

/** The words of a report that stand before its first part, whose delimiter was forgotten; of one without parts, all. */
function wordsBefore(body: string, delimiter: string | null): MimePart {
  const first = delimiter === null ? -1 : firstDelimiter(body, delimiter);
  const raw = first === -1 ? body : body.slice(0, first);
  return { header: new HeaderSection([]), type: 'text/plain', parameters: {}, raw, parts: [], isOpen: false };
}

/** As the header says; where no line has it, as the body looks. */
function delimiterOf({ raw, parameters }: Whole): string | null {
  const said = parameters.boundary ? `--${parameters.boundary.trimEnd()}` : null;
  if (said !== null && (raw.startsWith(said) || raw.includes(`\n${said}`))) return said;
  const guessed = guessBoundary(raw);
  return guessed === null ? said : `--${guessed.trimEnd()}`;
}

/** A multipart whose header lost its boundary: its first line that has the form of one, followed by a field. */
function guessBoundary(body: string): string | null {
  return /(?:^|\n)--(\S[^\n]{2,69})\n[A-Za-z-]{1,60}:/.exec(body.slice(0, 16_384))?.[1] ?? null;
}

function* bodyRanges(body: string, delimiter: string): Generator<readonly [number, number]> {
  let start = -1;
  let at = firstDelimiter(body, delimiter);
  while (at !== -1) {
    const end = lineEnd(body, at, body.length);
    const rest = body.slice(at + delimiter.length, Math.min(end, at + delimiter.length + 100)).trim();
    if (rest === '' || rest === '--') {
      if (start !== -1) yield [start, Math.max(start, at - 1)];
      start = rest === '' ? end + 1 : -1;
      if (rest === '--') return;
    }
    at = nextDelimiter(body, delimiter, end);
  }
  // No closing delimiter: the message was cut short.
  if (start !== -1 && start < body.length) yield [start, body.length];
}

function firstDelimiter(body: string, delimiter: string): number {
  return body.startsWith(delimiter) ? 0 : nextDelimiter(body, delimiter, 0);
}

function nextDelimiter(body: string, delimiter: string, from: number): number {
  const at = body.indexOf(`\n${delimiter}`, from);
  return at === -1 ? -1 : at + 1;
}

export function transferEncoding(header: HeaderSection): string {
  return header
    .first('content-transfer-encoding')
    .toLowerCase()
    .replace(/[\s;"].*$/, '');
}

/** All leaves in order, and attached messages, which are not entered. */
export function* leaves(part: MimePart): Generator<MimePart> {
  if (!part.type.startsWith('multipart/') || part.parts.length === 0) yield part;
  else for (const inner of part.parts) yield* leaves(inner);
}

/** Octets of a leaf, transfer encoding undone, line ends LF. */
export function octetsOf(part: MimePart): string {
  return unixLines(decodeTransfer(part.raw.slice(0, MAX_OCTETS), transferEncoding(part.header)));
}

/** Text of a leaf as a person reads it; HTML as plain text. */
export function textOf(part: MimePart): string {
  const octets = decodeTransfer(part.raw.slice(0, MAX_TEXT), transferEncoding(part.header));
  const text = unixLines(decodeCharset(octets, part.parameters.charset ?? ''));
  return part.type === 'text/html' ? plainText(text) : text;
}

export function isAttachedMessage(part: MimePart): boolean {
  return ATTACHED_MESSAGE.test(part.type);
}

/** The header section of a returned message: attached whole, or the header section alone (RFC 3462 §2). */
export function returnedHeader(part: MimePart): HeaderSection | null {
  if (ATTACHED_MESSAGE.test(part.type)) return part.parts[0]?.header ?? null;
  // A part whose own header section is the returned message's: its type was forgotten.
  if (part.header.has('received') && part.header.has('from') && part.header.has('subject')) return part.header;
  if (!HEADERS_ONLY.test(part.type)) return null;
  const octets = octetsOf(part);
  return readHeaderSection(octets, leadingBlank(octets)).section;
}
