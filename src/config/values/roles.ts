/** What a text in the config stands for, beside its type: loading, printing and checking go by it. */

import { z } from 'zod';

/**
 * `secret`: never shown. `secret-url`: a URL, shown without user and password.
 * `file`: a file that must be readable. `pem`: PEM text, or a file of it, which
 * is read. `private-pem`: the same, never shown. `path`: a path that need not
 * exist yet. Relative paths are relative to the config file.
 */
export type Role = 'secret' | 'secret-url' | 'file' | 'pem' | 'private-pem' | 'path';

const roles = z.registry<{ role: Role }>();

export function roleOf(schema: z.ZodType): Role | null {
  return roles.get(schema)?.role ?? null;
}

function text(role: Role, expected: string) {
  return z
    .string()
    .min(1, { error: `expected ${expected}` })
    .register(roles, { role });
}

/** A URL that begins so, and may have a password in it. */
export const secretUrl = (start: RegExp, expected: string) =>
  z
    .string()
    .regex(start, { error: `expected ${expected}` })
    .refine((url) => URL.canParse(url), { error: `expected ${expected}` })
    .register(roles, { role: 'secret-url' });

export const secret = () => text('secret', 'a secret that is not empty');
export const file = () => text('file', "a file's path");
export const path = () => text('path', 'a path');
export const pem = () => text('pem', 'PEM text or the path of a PEM file');
export const privatePem = () => text('private-pem', 'PEM text or the path of a PEM file');

/** PEM text itself, rather than the path of a file. */
export function isPemText(value: string): boolean {
  return value.includes('-----BEGIN ');
}
