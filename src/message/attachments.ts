import type { Attachment, Image, Part } from './inspection.js';

/** The leaves of the tree that are no text to read, and attached messages. */
export function attachmentsOf(structure: Part, images: readonly Image[]): readonly Attachment[] {
  const shown = new Set(images.flatMap(({ url }) => (/^cid:/i.test(url) ? [decoded(url.slice(4))] : [])));
  const found: Attachment[] = [];
  const visit = (part: Part): void => {
    if (part.role === 'attachment' || part.role === 'message') found.push(attachment(part, shown));
    for (const child of part.children) visit(child);
  };
  visit(structure);
  return found;
}

function attachment(part: Part, shown: ReadonlySet<string>): Attachment {
  const { path, type, filename, size, disposition, contentId, embedded } = part;
  const inline = disposition === 'inline' || (contentId !== null && shown.has(contentId));
  return { part: path, type, name: filename, size, inline, embedded };
}

function decoded(contentId: string): string {
  try {
    return decodeURIComponent(contentId);
  } catch {
    return contentId;
  }
}
