/** Sizes as people write them in a config: `512B`, `64KiB`, `25MiB`, `10GiB`, or a bare number of octets. */

import { z } from 'zod';

const OCTETS = { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;
type Unit = keyof typeof OCTETS;

const UNITS: readonly Unit[] = ['TiB', 'GiB', 'MiB', 'KiB', 'B'];

/** Octets; null when the text is no size. A bare number is octets; `25MB` is not taken, since it leaves open which MB. */
export function parseSize(text: string): number | null {
  const match = /^(\d{1,15})(B|[KMGT]iB)?$/.exec(text);
  if (match === null) return null;
  const octets = Number(match[1]) * OCTETS[(match[2] ?? 'B') as Unit];
  return Number.isSafeInteger(octets) ? octets : null;
}

/** The shortest exact spelling: `25MiB`, `1500B`. */
export function formatSize(octets: number): string {
  const unit = UNITS.find((candidate) => octets >= OCTETS[candidate] && octets % OCTETS[candidate] === 0) ?? 'B';
  return `${octets / OCTETS[unit]}${unit}`;
}

/** For a person: `25 MiB`, `1.4 GiB`, `312 B`. */
export function sizeInWords(octets: number): string {
  const unit = UNITS.find((candidate) => octets >= OCTETS[candidate]) ?? 'B';
  const amount = octets / OCTETS[unit];
  return `${amount >= 100 ? Math.round(amount) : Math.round(amount * 10) / 10} ${unit}`;
}

/** Config schema: a size's spelling or a number of octets in, octets out. */
export function sizeSchema() {
  const schema = z.codec(
    z
      .union([z.string(), z.number()], { error: EXPECTED })
      .refine((size) => parseSize(String(size)) !== null, { error: EXPECTED }),
    z.number(),
    { decode: (size) => parseSize(String(size)) ?? 0, encode: (octets): string | number => formatSize(octets) },
  );
  return schema.meta({ title: 'size', examples: ['25MiB'] });
}

const EXPECTED = 'expected a size such as 512KiB, 25MiB or 10GiB';
