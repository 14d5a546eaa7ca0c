import type {
  AccountId,
  AddressKey,
  AuditCase,
  Instant,
  NewNotice,
  NoticeChannel,
  ReputationLevel,
  ReputationMeasure,
  Store,
  Subscriptions,
} from '../store/contract.js';
import { MS } from '../units/duration.js';
import type { AuditEvent, Notice } from './notice.js';

export interface AnnouncerParts {
  readonly store: Pick<Store, 'queueNotices'>;
  /** The ways on which the account is told; none: nothing is queued. */
  channelsOf(account: AccountId): readonly NoticeChannel[];
  /** So much waits for the account already that this does not. */
  dropped(account: AccountId, count: number): void;
  /** Something waits now. */
  queued(): void;
}

/** Queues what accounts are to be told. Each verb may be called again for the same: it is told once. */
export class Announcer {
  constructor(private readonly parts: AnnouncerParts) {}

  /** @param fact what makes two revocations of an address the same */
  async revoked(account: AccountId, { address, subscriptions, source, fact }: RevocationFact): Promise<void> {
    await this.#queue(account, `revoked ${address} ${fact}`, { kind: 'revocation', address, ...subscriptions, source });
  }

  /** True: the account will be told. */
  async audit(
    { id, account, verdict }: Pick<AuditCase, 'id' | 'account' | 'verdict'>,
    event: AuditEvent,
  ): Promise<boolean> {
    const key = event === 'decided' ? `${id} decided ${verdict?.result} ${verdict?.at}` : `${id} ${event}`;
    return this.#queue(account, key, { kind: 'audit', event, audit: id });
  }

  /** Test mail to its complaint address, whether or not the account is told of anything. */
  async probe({ id, account }: Pick<AuditCase, 'id' | 'account'>): Promise<void> {
    const notice: Notice = { kind: 'audit', event: 'opened', audit: id };
    const body = JSON.stringify(notice);
    await this.parts.store.queueNotices([{ account, channel: 'probe', key: `${id} opened`, body }]);
  }

  /** Several processes see the same change; one that comes and goes is told once a day. */
  async reputation(
    account: AccountId,
    measure: ReputationMeasure,
    level: ReputationLevel,
    now: Instant,
  ): Promise<void> {
    const day = Math.floor(now / MS.d);
    await this.#queue(account, `reputation ${measure} ${level} ${day}`, { kind: 'reputation', measure, level });
  }

  async #queue(account: AccountId, key: string, notice: Notice): Promise<boolean> {
    const body = JSON.stringify(notice);
    const notices = this.parts.channelsOf(account).map((channel): NewNotice => ({ account, channel, key, body }));
    if (notices.length === 0) return false;
    const { dropped } = await this.parts.store.queueNotices(notices);
    this.parts.queued();
    if (dropped > 0) this.parts.dropped(account, dropped);
    return dropped === 0;
  }
}

export interface RevocationFact {
  readonly address: AddressKey;
  /** Null: of all, or of one that the reporter did not name. */
  readonly subscriptions: Subscriptions;
  readonly source: string;
  readonly fact: string;
}
