import type { Fingerprint } from './inspection.js';

/** From here on two fingerprints are alike. */
export const ALIKE = 0.6;

/** With fewer features a fingerprint says little: many different short texts look the same. */
export const MIN_FEATURES = 12;

/** Two unlike octets are the same by chance so often. */
const BY_CHANCE = 1 / 256;

/** How alike two are, 0 to 1: an estimate of the share of features that they have in common (Jaccard), with a standard deviation of 0.06. */
export function likeness(one: Pick<Fingerprint, 'signature'>, other: Pick<Fingerprint, 'signature'>): number {
  const left = Buffer.from(one.signature, 'base64');
  const right = Buffer.from(other.signature, 'base64');
  if (left.length === 0 || left.length !== right.length) return 0;
  let same = 0;
  for (let index = 0; index < left.length; index++) if (left[index] === right[index]) same += 1;
  return Math.max(0, (same / left.length - BY_CHANCE) / (1 - BY_CHANCE));
}
