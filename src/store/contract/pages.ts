import type { Page } from './values.js';

/** Where a page begins; nothing: the first one. */
export interface PageStart {
  readonly cursor?: string;
}

/**
 * All that a listing verb has, page by page; the next one is read only when it is
 * asked for.
 */
export async function* everyPage<T>(read: (start: PageStart) => Promise<Page<T>>): AsyncGenerator<readonly T[]> {
  for (let start: PageStart | null = {}; start !== null; ) {
    const { items, next }: Page<T> = await read(start);
    yield items;
    start = next === null ? null : { cursor: next };
  }
}
