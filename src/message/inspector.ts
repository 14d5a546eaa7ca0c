/** One pass over a message as it streams by. */

import { attachmentsOf } from './attachments.js';
import { fingerprintsOf } from './fingerprint.js';
import { looksLikeFields } from './header-section.js';
import type { Bounds, Image, Inspection, Inspector, Link, Part, TextPart, Wish } from './inspection.js';
import { LineCutter } from './line-cutter.js';
import { MessageTree } from './message-tree.js';
import type { PartBuilder } from './part-builder.js';
import { readTextPart } from './text-part.js';
import { builtInWords, type Words } from './words.js';

export const DEFAULT_BOUNDS: Bounds = {
  headerOctets: 256 * 1024,
  headerFields: 2_000,
  parts: 1_000,
  nesting: 32,
  textOctets: 1024 * 1024,
  links: 2_000,
};

const NOTHING: Omit<Inspection, 'size'> = {
  wish: null,
  header: { fields: [], defects: [] },
  structure: null,
  texts: [],
  links: [],
  images: [],
  attachments: [],
  fingerprints: [],
  exceeded: [],
  unseen: [],
};

/** Null: nothing is looked at, only counted. */
export function createInspector(wish: Wish | null, bounds: Bounds = DEFAULT_BOUNDS): Inspector {
  if (wish !== null) return new MessageInspector(wish, bounds);
  let size = 0;
  return {
    feed(chunk) {
      size += chunk.length;
    },
    end: () => ({ ...NOTHING, size }),
  };
}

/** A whole message at once. */
export function inspect(message: Buffer, wish: Wish, bounds: Bounds = DEFAULT_BOUNDS): Inspection {
  const inspector = createInspector(wish, bounds);
  inspector.feed(message);
  return inspector.end();
}

class MessageInspector implements Inspector {
  #size = 0;
  readonly #tree: MessageTree;
  readonly #cutter: LineCutter;

  constructor(
    private readonly wish: Wish,
    private readonly bounds: Bounds,
  ) {
    this.#tree = new MessageTree(wish === 'fingerprint' ? 'text' : wish, bounds);
    this.#cutter = new LineCutter(this.#tree);
  }

  feed(chunk: Buffer): void {
    this.#size += chunk.length;
    if (!this.#tree.done) this.#cutter.feed(chunk);
  }

  end(words: Words = builtInWords()): Inspection {
    this.#cutter.end();
    const tree = this.#tree;
    tree.end();
    const read = this.#readTexts();
    const structure = tree.root === null ? null : (tree.root as Part);
    return {
      size: this.#size,
      wish: this.wish,
      header: this.#header(),
      structure,
      ...read,
      attachments: structure === null ? [] : attachmentsOf(structure, read.images),
      fingerprints: this.wish === 'fingerprint' ? fingerprintsOf({ header: tree.header, ...read }, words) : [],
      exceeded: [...tree.exceeded],
      unseen: tree.unseen,
    };
  }

  #header(): Inspection['header'] {
    const { header } = this.#tree;
    if (!looksLikeFields(this.#tree.takeBodyStart())) return header;
    return { ...header, defects: [...header.defects, { kind: 'fields-after-end', field: null, line: 0 }] };
  }

  #readTexts(): { readonly texts: TextPart[]; readonly links: Link[]; readonly images: Image[] } {
    const tree = this.#tree;
    const texts: TextPart[] = [];
    const links: Link[] = [];
    const images: Image[] = [];
    for (const leaf of tree.texts) {
      const read = readTextPart(leaf, this.bounds.links - links.length);
      texts.push(read.text);
      links.push(...read.links);
      images.push(...read.images.slice(0, this.bounds.links - images.length));
      tree.unseen.push(...read.unseen);
      if (read.tooManyLinks) tree.exceeded.add('links');
      addDefects(leaf.part, read.defects);
    }
    return { texts, links, images };
  }
}

function addDefects(part: PartBuilder, defects: Part['defects']): void {
  if (defects.length > 0) part.defects = [...part.defects, ...defects];
}
