/** Fingerprints by which alike messages are known; docs/inspection.md says how well. */

import { type AlikeSource, alikeFeatures } from './alike-features.js';
import type { Fingerprint } from './inspection.js';
import { likeness } from './likeness.js';
import { HASHES, hashOf, minHash } from './min-hash.js';
import type { Words } from './words.js';

/** Of the 64 minima. Sets with seven tenths in common share a band with a probability of 0.988, with eight tenths of 0.9998, with two tenths of 0.025. */
const ROWS = 4;
/** Two alternatives that say the same have one fingerprint. */
const SAME = 0.9;

export function fingerprintsOf(source: AlikeSource, words: Words): readonly Fingerprint[] {
  const html = fingerprintOf(source, 'html', words);
  const plain = fingerprintOf(source, 'plain', words);
  if (html === null || plain === null) return [html ?? plain].flatMap((one) => one ?? []);
  return likeness(html, plain) >= SAME ? [html] : [html, plain];
}

function fingerprintOf(source: AlikeSource, of: Fingerprint['of'], words: Words): Fingerprint | null {
  const features = alikeFeatures(source, of, words);
  if (features.size === 0) return null;
  const minima = minHash(features);
  return { of, bands: bandsOf(minima), signature: signatureOf(minima), features: features.size };
}

/** The place of a band is in it, so that bands of different places never meet. */
function bandsOf(minima: Uint32Array): readonly string[] {
  const bands: string[] = [];
  for (let row = 0; row < HASHES; row += ROWS) {
    const place = (row / ROWS).toString(36);
    const hash = hashOf(minima.subarray(row, row + ROWS).join(' '));
    bands.push(place + hash.toString(36));
  }
  return bands;
}

/** The lowest octet of each minimum says enough for comparison (b-bit minwise hashing, Li and König 2010). */
function signatureOf(minima: Uint32Array): string {
  const lowest = Buffer.allocUnsafe(minima.length);
  for (const [index, minimum] of minima.entries()) lowest[index] = minimum & 0xff;
  return lowest.toString('base64');
}
