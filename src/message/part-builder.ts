import type { HeaderSection, Part } from './inspection.js';
import type { PartKind } from './part-kind.js';

/** A part while it is built. */
export type PartBuilder = { -readonly [K in keyof Part]: Part[K] } & { readonly children: PartBuilder[] };

/** A part that has begun, next among the children of `parent`, which does not have it yet; null: a message's own. */
export function beginPart(kind: PartKind, header: HeaderSection, parent: PartBuilder | null): PartBuilder {
  return {
    path: pathOf(kind.role, parent),
    role: kind.role,
    type: kind.type,
    parameters: kind.parameters,
    encoding: kind.encoding,
    disposition: kind.disposition,
    filename: kind.filename,
    contentId: kind.contentId,
    size: 0,
    header,
    defects: kind.defects,
    children: [],
    alternativeOf:
      parent === null ? null : parent.type === 'multipart/alternative' ? parent.path : parent.alternativeOf,
    embedded: parent !== null && (parent.embedded || parent.role === 'message'),
  };
}

/** As IMAP counts (RFC 3501 §6.4.5); a message's own multipart is `0` of it. */
function pathOf(role: PartKind['role'], parent: PartBuilder | null): string {
  const ofMessage = parent === null || parent.role === 'message';
  const number = ofMessage ? (role === 'multipart' ? 0 : 1) : parent.children.length + 1;
  const around = parent === null ? '' : ofMessage ? parent.path : parent.path.replace(/(?:^|\.)0$/, '');
  return around === '' ? String(number) : `${around}.${number}`;
}
