/** Walks the config's schema by key path. */

import { z } from 'zod';
import type { KeyPath } from './config-error.js';
import { type Role, roleOf } from './values/roles.js';

/** What is inside of defaults, optionals and codecs. */
export function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  for (;;) {
    if (inner instanceof z.ZodPipe) inner = inner.in as z.ZodType;
    else if (
      inner instanceof z.ZodDefault ||
      inner instanceof z.ZodPrefault ||
      inner instanceof z.ZodOptional ||
      inner instanceof z.ZodExactOptional ||
      inner instanceof z.ZodNullable
    ) {
      inner = inner.unwrap() as z.ZodType;
    } else return inner;
  }
}

/** The schema of what stands at a path; null when nothing may stand there. */
export function schemaAt(root: z.ZodType, path: KeyPath): z.ZodType | null {
  let schema: z.ZodType | null = root;
  for (const key of path) {
    schema = childOf(schema, key);
    if (schema === null) return null;
  }
  return schema;
}

function childOf(schema: z.ZodType, key: string | number): z.ZodType | null {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) {
    const shape = inner.shape as Readonly<Record<string, z.ZodType>>;
    return Object.hasOwn(shape, key) ? (shape[key] ?? null) : null;
  }
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
  if (inner instanceof z.ZodArray) return typeof key === 'number' ? (inner.element as z.ZodType) : null;
  return null;
}

/** Keys that may stand in a mapping; empty where any may, or where there is none. */
export function keysOf(schema: z.ZodType): readonly string[] {
  const inner = unwrap(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
}

/** The first path of fixed keys, in depth order, that ends in a key of this name. */
export function findKey(root: z.ZodType, name: string): KeyPath | null {
  let level: { readonly path: KeyPath; readonly schema: z.ZodType }[] = [{ path: [], schema: root }];
  while (level.length > 0) {
    const next = level.flatMap(({ path, schema }) =>
      keysOf(schema).map((key) => ({ path: [...path, key], schema: childOf(schema, key) ?? z.unknown() })),
    );
    const found = next.find(({ path }) => path.at(-1) === name);
    if (found !== undefined) return found.path;
    level = next;
  }
  return null;
}

export function roleAt(schema: z.ZodType): Role | null {
  return roleOf(unwrap(schema));
}

/** May a secret stand here, or below? */
export function holdsSecret(schema: z.ZodType): boolean {
  const role = roleAt(schema);
  if (role === 'secret' || role === 'secret-url' || role === 'private-pem') return true;
  const inner = unwrap(schema);
  if (inner instanceof z.ZodObject) return Object.values(inner.shape as Record<string, z.ZodType>).some(holdsSecret);
  if (inner instanceof z.ZodRecord) return holdsSecret(inner.valueType as z.ZodType);
  return inner instanceof z.ZodArray && holdsSecret(inner.element as z.ZodType);
}

export interface Leaf {
  readonly path: KeyPath;
  readonly value: string;
  readonly role: Role;
}

/** Every text of a value whose schema gives it a role. */
export function* leavesWithRoles(schema: z.ZodType, value: unknown, path: KeyPath = []): Iterable<Leaf> {
  const role = roleAt(schema);
  if (typeof value === 'string' && role !== null) yield { path, value, role };
  if (typeof value !== 'object' || value === null) return;
  for (const [name, child] of Object.entries(value)) {
    const key = Array.isArray(value) ? Number(name) : name;
    const below = childOf(schema, key);
    if (below !== null) yield* leavesWithRoles(below, child, [...path, key]);
  }
}
