import { z } from 'zod';
import { REPUTATION_LEVELS, type Reputation, type ReputationLevel, type ReputationMeasure } from '../store/contract.js';

/** Thresholds of a share of an account's mail, 0 to 1. */
export interface ReputationThresholds {
  readonly minVolume: number;
  readonly review: number;
  readonly stop: number;
  readonly release: number;
}

export function thresholdParameters(defaults: Pick<ReputationThresholds, 'minVolume' | 'review' | 'stop'>) {
  const share = (fallback: number) => z.number().gt(0).max(1).default(fallback);
  return z.strictObject({
    minVolume: z
      .int()
      .min(1)
      .default(defaults.minVolume)
      .describe('Recipients mailed in 7 days below which nothing is judged: shares of little mail are chance.'),
    review: share(defaults.review).describe(
      'From this share on, 0 to 1, the account is to be looked at: logged once, mail passes.',
    ),
    stop: share(defaults.stop).describe('From this share on, mail is deferred.'),
    release: share(0.8).describe(
      'A level is left when the share falls below its threshold times this, so that an account does not come and go.',
    ),
  });
}

/** Share of the account's mail of 7 days, 0 to 1; 0 when there was none. */
export function shareOf({ mailed, rejected, complained }: Reputation, measure: ReputationMeasure): number {
  const counted = measure === 'rejections' ? rejected : complained;
  return mailed === 0 ? 0 : Math.min(1, counted / mailed);
}

/** The level now, given the one before (hysteresis). */
export function levelOf(
  reputation: Reputation,
  measure: ReputationMeasure,
  { minVolume, review, stop, release }: ReputationThresholds,
): ReputationLevel {
  if (reputation.mailed < minVolume) return 'good';
  const share = shareOf(reputation, measure);
  const before = REPUTATION_LEVELS.indexOf(reputation.levels[measure]);
  const reaches = (threshold: number, level: ReputationLevel) =>
    share >= threshold * (before >= REPUTATION_LEVELS.indexOf(level) ? release : 1);
  if (reaches(stop, 'stop')) return 'stop';
  return reaches(review, 'review') ? 'review' : 'good';
}

/** `12.5 %`, `0.31 %`: two figures that count. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`;
}
