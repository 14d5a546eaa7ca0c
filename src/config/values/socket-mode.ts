import { z } from 'zod';

const EXPECTED = 'expected permissions in octal digits and in quotes, such as "0660"';

/** Config schema: the permissions of a unix socket, as `chmod` spells them. In quotes: YAML reads a bare 0660 as 660. */
export function socketModeSchema() {
  return z.codec(z.string({ error: EXPECTED }).regex(/^0?[0-7]{3}$/, { error: EXPECTED }), z.custom<number>(), {
    decode: (text) => Number.parseInt(text, 8),
    encode: spell,
  });
}

/** The library asks for an optional key that is absent, too, and drops the answer. */
function spell(mode: number | undefined): string {
  return mode === undefined ? '0600' : `0${mode.toString(8).padStart(3, '0')}`;
}
