import type { Resource, WindowLimit } from '../window.js';
import type { ReserveRequest } from './limits.js';
import type { RejectionStreak } from './outcomes.js';
import type { Revocation } from './revocations.js';
import type { RecipientRequest, Suppression } from './suppressions.js';
import type { AccountId, Instant } from './values.js';

/** What is kept of one window (window.ts says how it counts). */
export interface WindowContent {
  readonly resource: Resource;
  readonly perMs: number;
  /** Held and not charged yet. May count what a process that died had held, until its lease is swept. */
  readonly held: number;
  /** The sub-intervals that still count, oldest first, each with what was charged in it. */
  readonly slots: readonly (readonly [slot: number, amount: number])[];
}

export interface LookRequest {
  readonly account: AccountId;
  readonly accountLimits: readonly WindowLimit[];
  readonly floodLimits: ReserveRequest['floodLimits'];
  readonly recipients: readonly RecipientRequest[];
  readonly facts: ReserveRequest['facts'];
}

export interface RecipientSight {
  /** One for each of `floodLimits.account`, then one for each of `floodLimits.everyone`. */
  readonly windows: readonly WindowContent[];
  /** As `reserve` tells them. */
  readonly suppression: Suppression | null;
  readonly revocation: Revocation | null;
  readonly rejections: RejectionStreak | null;
}

export interface Sight {
  readonly now: Instant;
  /** One for each of `accountLimits`. */
  readonly account: readonly WindowContent[];
  /** In the order of the request. */
  readonly recipients: readonly RecipientSight[];
}

/** To judge mail that nobody sends. */
export interface LookingStore {
  /** Everything that `reserve` and `commit` would go by, without changing anything. */
  look(request: LookRequest): Promise<Sight>;
}
