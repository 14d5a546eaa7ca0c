import type { HeaderField, HeaderSection } from './inspection.js';

/** Fields of this name (lower case) from the top. */
export function fieldsNamed(header: HeaderSection, key: string): readonly HeaderField[] {
  return header.fields.filter((field) => field.key === key);
}

/** Decoded value of the topmost field of this name (lower case); null: none. */
export function firstValue(header: HeaderSection, key: string): string | null {
  return header.fields.find((field) => field.key === key)?.value ?? null;
}
