import type { Bounds, Inspection, Inspector, Wish } from './inspection.js';

export const DEFAULT_BOUNDS: Bounds = {
  headerOctets: 256 * 1024,
  headerFields: 2_000,
  parts: 1_000,
  nesting: 32,
  textOctets: 2 * 1024 * 1024,
  links: 2_000,
};

/** Null: nothing is looked at, only counted. */
export function createInspector(wish: Wish | null, _bounds: Bounds = DEFAULT_BOUNDS): Inspector {
  let size = 0;
  return {
    feed(chunk) {
      size += chunk.length;
    },
    end: (): Inspection => ({
      size,
      wish,
      header: { fields: [], defects: [] },
      structure: null,
      texts: [],
      links: [],
      images: [],
      attachments: [],
      fingerprints: [],
      exceeded: [],
      unseen: [],
    }),
  };
}

/** A whole message at once. */
export function inspect(message: Buffer, wish: Wish, bounds: Bounds = DEFAULT_BOUNDS): Inspection {
  const inspector = createInspector(wish, bounds);
  inspector.feed(message);
  return inspector.end();
}
