/** Reads and changes plain values by key path. */

import type { KeyPath } from './config-error.js';

type Container = Record<string | number, unknown>;

export function valueAt(root: unknown, path: KeyPath): unknown {
  let value = root;
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as Container)[key];
  }
  return value;
}

/** Nothing happens where the path does not lead into a mapping or list. */
export function setAt(root: unknown, path: KeyPath, value: unknown): void {
  const parent = valueAt(root, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof parent === 'object' && parent !== null && key !== undefined) (parent as Container)[key] = value;
}

/**
 * Takes out what stands at the path, or the nearest thing around it that can be
 * taken out without moving a list's other items. Returns its path; null: all of it.
 */
export function removeAt(root: unknown, path: KeyPath): KeyPath | null {
  for (let length = path.length; length > 0; length -= 1) {
    const parent = valueAt(root, path.slice(0, length - 1));
    const key = path[length - 1] as string | number;
    if (typeof parent !== 'object' || parent === null || Array.isArray(parent) || !Object.hasOwn(parent, key)) continue;
    delete (parent as Container)[key];
    return path.slice(0, length);
  }
  return null;
}
