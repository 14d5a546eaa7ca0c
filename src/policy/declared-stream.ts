import { z } from 'zod';
import type { Address } from '../smtp/address.js';
import { matchesPattern, parsePattern } from '../smtp/address-pattern.js';

const pattern = () =>
  z.string().refine((text) => parsePattern(text).ok, { error: 'expected a@example.com, example.com or *.example.com' });

/** Mail of an account that its provider tells apart by sender or by a field. */
export const declaredStreamSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9-]{1,40}$/, { error: 'expected a name in a-z, 0-9 and -' })
      .describe('What decisions call it.'),
    from: pattern().optional().describe('The address in From.'),
    reversePath: pattern().optional().describe('The address of MAIL FROM.'),
    header: z
      .strictObject({
        name: z.string().min(1).max(100).describe('Its name, in any case of letters.'),
        value: z.string().max(500).optional().describe('Its whole value. Absent: any.'),
      })
      .optional()
      .describe('A field of the header.'),
  })
  .refine(({ from, reversePath, header }) => [from, reversePath, header].some((one) => one !== undefined), {
    error: 'expected at least one of from, reversePath, header',
  });

export type DeclaredStream = z.infer<typeof declaredStreamSchema>;

/** A field of a message: name in lower case, decoded value. */
export type FieldValue = (name: string) => string | null;

/** The first of the streams that the message belongs to: everything that its entry names must hold. */
export function declaredStreamOf(
  streams: readonly DeclaredStream[],
  from: Address | null,
  reversePath: Address | null,
  fieldValue: FieldValue,
): string | null {
  const belongs = (stream: DeclaredStream) => {
    if (stream.from !== undefined && (from === null || !matchesPattern(from, stream.from))) return false;
    if (stream.reversePath !== undefined && (reversePath === null || !matchesPattern(reversePath, stream.reversePath)))
      return false;
    if (stream.header === undefined) return true;
    const value = fieldValue(stream.header.name.toLowerCase());
    return value !== null && (stream.header.value === undefined || value === stream.header.value);
  };
  return streams.find(belongs)?.name ?? null;
}
