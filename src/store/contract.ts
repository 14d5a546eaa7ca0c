/**
 * The store: all state that Sluice processes share. Verbs of the domain, each
 * with its meaning under concurrency; `redis/` and `embedded/` both pass the
 * one contract suite in test/store/. Each area of it has its file in contract/.
 *
 * Every verb rejects with `StoreUnavailable` when the store does not answer
 * within the time limit, and with nothing else but bugs. Time is always the
 * store's clock, in ms since the epoch: a caller never sends "now".
 */

import type { AccountStore } from './contract/accounts.js';
import type { AuditStore } from './contract/audits.js';
import type { CampaignStore } from './contract/campaigns.js';
import type { ConsentStore } from './contract/consents.js';
import type { DecisionStore } from './contract/decisions.js';
import type { DomainStore } from './contract/domains.js';
import type { FollowerStore } from './contract/followers.js';
import type { LimitStore } from './contract/limits.js';
import type { LookingStore } from './contract/looking.js';
import type { MeterStore } from './contract/meters.js';
import type { NoticeStore } from './contract/notices.js';
import type { OutcomeStore } from './contract/outcomes.js';
import type { PassedMessageStore } from './contract/passed-messages.js';
import type { ReportStore } from './contract/reports.js';
import type { ReputationStore } from './contract/reputation.js';
import type { RevocationStore } from './contract/revocations.js';
import type { SuppressionStore } from './contract/suppressions.js';

export type * from './contract/accounts.js';
export * from './contract/audits.js';
export * from './contract/campaigns.js';
export type * from './contract/consents.js';
export type * from './contract/decisions.js';
export type * from './contract/domains.js';
export type * from './contract/followers.js';
export type * from './contract/limits.js';
export type * from './contract/looking.js';
export type * from './contract/meters.js';
export * from './contract/notices.js';
export type * from './contract/outcomes.js';
export * from './contract/pages.js';
export type * from './contract/passed-messages.js';
export * from './contract/reports.js';
export * from './contract/reputation.js';
export * from './contract/revocations.js';
export type * from './contract/suppressions.js';
export * from './contract/values.js';
export type { Amounts, Resource, WindowLimit, WindowUsage } from './window.js';

export interface Store
  extends LimitStore,
    MeterStore,
    AccountStore,
    SuppressionStore,
    RevocationStore,
    OutcomeStore,
    PassedMessageStore,
    ReportStore,
    ReputationStore,
    FollowerStore,
    CampaignStore,
    DomainStore,
    ConsentStore,
    AuditStore,
    NoticeStore,
    DecisionStore,
    LookingStore {
  /**
   * Answers if the store takes reads and writes; measures the round trip in ms. Rejects with
   * `SchemaTooNew` too: a newer Sluice has raised the schema since this one opened the store.
   */
  ping(): Promise<number>;
  close(): Promise<void>;
}

/** Settings that both stores share, fixed when the store is opened. */
export interface StoreTimes {
  /** A hold of a process that died comes home after this. Default 10 min. */
  readonly reservationTtlMs: number;
  /** A session of a process that died stops counting after this. Default 3 min. */
  readonly sessionTtlMs: number;
  /** A call that takes longer fails with StoreUnavailable. Default 500 ms. */
  readonly callTimeoutMs: number;
}

/** Version of the layout of what is kept; a store with a newer one is refused by name (`SchemaTooNew`). */
export const SCHEMA_VERSION = 1;

export class SchemaTooNew extends Error {
  readonly code = 'STORE_SCHEMA_TOO_NEW';
  constructor(
    readonly found: number,
    readonly where: string,
  ) {
    super(
      `the store at ${where} has schema ${found}, this Sluice knows up to ${SCHEMA_VERSION}: run the newer Sluice, or another store`,
    );
    this.name = 'SchemaTooNew';
  }
}
