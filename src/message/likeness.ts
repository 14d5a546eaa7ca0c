import type { Fingerprint } from './inspection.js';

/** From here on two fingerprints are alike. */
export const ALIKE = 0.6;

/** With fewer features a fingerprint says little: many different short texts look the same. */
export const MIN_FEATURES = 8;

/** How alike two are, 0 to 1: an estimate of the share of features that they have in common (Jaccard). */
export function likeness(_one: Pick<Fingerprint, 'signature'>, _other: Pick<Fingerprint, 'signature'>): number {
  return 0;
}
