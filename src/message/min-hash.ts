/** MinHash (Broder 1997): sets that have much in common have many of these minima in common. */

export const HASHES = 64;
/** More features than these are sampled, by hash, so that alike sets keep alike ones. */
const MAX_FEATURES = 4_096;

const SEEDS = seeds();

/** The least of the features, which are hashes, by each of the functions. */
export function minHash(features: ReadonlySet<number>): Uint32Array {
  const hashes = Uint32Array.from(sampled([...features]));
  const minima = new Uint32Array(HASHES);
  for (const [index, seed] of SEEDS.entries()) minima[index] = leastOf(hashes, seed);
  return minima;
}

function leastOf(hashes: Uint32Array, seed: number): number {
  let least = 0xffffffff;
  for (const hash of hashes) {
    let mixed = Math.imul(hash ^ seed, 0x9e3779b1);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
    mixed = (mixed ^ (mixed >>> 13)) >>> 0;
    if (mixed < least) least = mixed;
  }
  return least;
}

function sampled(hashes: number[]): readonly number[] {
  return hashes.length <= MAX_FEATURES ? hashes : hashes.sort((one, other) => one - other).slice(0, MAX_FEATURES);
}

/** FNV-1a, finished so that alike texts differ in all bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x7feb352d);
  return (hash ^ (hash >>> 15)) >>> 0;
}

function seeds(): Uint32Array {
  const made = new Uint32Array(HASHES);
  for (let index = 0; index < HASHES; index++) made[index] = hashOf(`sluice minhash ${index}`);
  return made;
}
