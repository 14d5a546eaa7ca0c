/** What a part is, by its header section. */

import { parseWithParameters } from './content-fields.js';
import { fieldsNamed } from './header-fields.js';
import type { HeaderSection, PartDefect, PartRole } from './inspection.js';

export interface PartKind {
  readonly role: PartRole;
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly encoding: string;
  readonly disposition: string | null;
  readonly filename: string | null;
  readonly contentId: string | null;
  /** Of a multipart that can be taken apart. */
  readonly boundary: string | null;
  readonly defects: readonly PartDefect[];
}

/** RFC 2046 §5.1.1 says 70; see line-cutter.ts. */
const MAX_BOUNDARY = 200;
/** RFC 2045 §5.1; a vendor's odd characters are let in. */
const TYPE = /^[^\s/;,"()<>@]+\/[^\s;,"()<>@]+$/;
const IDENTITY = new Set(['7bit', '8bit', 'binary']);
const ENCODINGS = new Set([...IDENTITY, 'base64', 'quoted-printable']);
const CONTAINED_MESSAGE = new Set(['message/rfc822', 'message/global', 'message/news']);
const REPORT =
  /^(?:message\/(?:delivery-status|global-delivery-status|disposition-notification|global-disposition-notification|feedback-report|tracking-status|partial|external-body)|text\/rfc822-headers|message\/global-headers)$/;
const READ_TEXT = /^text\/(?:plain|html|calendar|enriched|richtext|markdown|x-amp-html|x-markdown|x-plain)$/;
const ENCRYPTED = /^(?:application\/(?:x-)?pkcs7-mime|application\/pgp-encrypted|application\/pgp)$/;

export function partKind(header: HeaderSection, defaultType: string): PartKind {
  const defects: PartDefect[] = [];
  const types = fieldsNamed(header, 'content-type');
  if (types.length > 1) defects.push('duplicate-content-type');
  const { type, parameters } = readType(types[0]?.raw, defaultType, defects);
  const encoding = readEncoding(header, defects);
  const disposition = parseWithParameters(fieldsNamed(header, 'content-disposition')[0]?.raw ?? '');
  const filename = clean(disposition.parameters.filename ?? parameters.name);
  const kind = {
    type,
    parameters,
    encoding,
    disposition: disposition.value === '' ? null : disposition.value,
    filename,
    contentId: contentIdOf(header),
    defects,
  };
  if (type.startsWith('multipart/')) return { ...kind, ...multipart(parameters, encoding, defects) };
  return { ...kind, role: leafRole(kind, defects), boundary: null };
}

function readType(
  raw: string | undefined,
  defaultType: string,
  defects: PartDefect[],
): { readonly type: string; readonly parameters: Readonly<Record<string, string>> } {
  if (raw === undefined) return { type: defaultType, parameters: {} };
  const { value, parameters } = parseWithParameters(raw);
  if (TYPE.test(value)) return { type: value, parameters };
  // RFC 2045 §5.2: what cannot be read is text/plain; `text` alone is old mail's.
  defects.push('bad-content-type');
  return { type: value.startsWith('multipart') ? 'multipart/mixed' : defaultType, parameters };
}

function readEncoding(header: HeaderSection, defects: PartDefect[]): string {
  const field = fieldsNamed(header, 'content-transfer-encoding')[0];
  if (field === undefined) return '7bit';
  const encoding = parseWithParameters(field.raw).value.replace(/^"|"$/g, '');
  if (!ENCODINGS.has(encoding)) defects.push('bad-encoding');
  return encoding === '' ? '7bit' : encoding;
}

function multipart(
  parameters: Readonly<Record<string, string>>,
  encoding: string,
  defects: PartDefect[],
): Pick<PartKind, 'role' | 'boundary'> {
  // RFC 2045 §6.4 forbids it, and readers differ: most ignore the encoding.
  if (!IDENTITY.has(encoding)) defects.push('encoded-container');
  const boundary = (parameters.boundary ?? '').trimEnd();
  if (boundary !== '' && boundary.length <= MAX_BOUNDARY) return { role: 'multipart', boundary };
  defects.push('no-boundary');
  return { role: 'opaque', boundary: null };
}

function leafRole(
  { type, encoding, disposition, filename }: Pick<PartKind, 'type' | 'encoding' | 'disposition' | 'filename'>,
  defects: PartDefect[],
): PartRole {
  if (CONTAINED_MESSAGE.has(type)) {
    if (IDENTITY.has(encoding)) return 'message';
    defects.push('encoded-container');
    return isEncoded(encoding) ? 'message' : 'attachment';
  }
  if (REPORT.test(type)) return 'report';
  if (ENCRYPTED.test(type)) return 'opaque';
  const named = filename !== null && disposition !== 'inline';
  return READ_TEXT.test(type) && disposition !== 'attachment' && (!named || type === 'text/calendar')
    ? 'text'
    : 'attachment';
}

/** In one of the transfer encodings that can be undone. */
export function isEncoded(encoding: string): boolean {
  return encoding === 'base64' || encoding === 'quoted-printable';
}

function contentIdOf(header: HeaderSection): string | null {
  const value = fieldsNamed(header, 'content-id')[0]?.value.replace(/^<|>$/g, '') ?? '';
  return value === '' ? null : value;
}

/** A file name is a stranger's: no control characters, no end. */
function clean(name: string | undefined): string | null {
  const cleaned = name?.replace(/\p{Cc}+/gu, ' ').trim() ?? '';
  return cleaned === '' ? null : cleaned.slice(0, 500);
}
