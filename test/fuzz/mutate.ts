/** New inputs from old ones. */

import type { FuzzTarget } from './target.js';

const LONGEST = 4096;

export type Random = () => number;

/** Numbers from 0 to 1 that a seed tells (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One to eight changes: bytes changed, put in, taken out, doubled, words of the target, a part of another input. */
export function mutate(input: Buffer, corpus: readonly Buffer[], { words }: FuzzTarget, random: Random): Buffer {
  let bytes = input;
  const below = (bound: number) => Math.floor(random() * bound);
  for (let changes = 1 + below(8); changes > 0; changes -= 1) {
    const at = below(bytes.length + 1);
    const length = below(Math.min(32, bytes.length - at + 1));
    bytes = Buffer.concat([bytes.subarray(0, at), piece(), bytes.subarray(at + length * below(2))]);

    function piece(): Buffer {
      switch (below(5)) {
        case 0:
          return Buffer.of(below(256));
        case 1:
          return bytes.subarray(at, at + length);
        case 2: {
          const other = corpus[below(corpus.length)] ?? bytes;
          const from = below(other.length + 1);
          return other.subarray(from, from + below(64));
        }
        case 3:
          return Buffer.alloc(0);
        default:
          return Buffer.from(words[below(words.length)] ?? '', 'latin1');
      }
    }
  }
  return bytes.subarray(0, LONGEST);
}
