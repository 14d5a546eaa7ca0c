import type { LookRequest, RecipientSight, Sight, WindowContent } from '../contract.js';
import { oldestSlot, slotAt, type WindowLimit } from '../window.js';
import type { AddressHolds } from './address-holds.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import type { SuppressionRecords } from './suppression-records.js';
import { codeOf } from './window-codec.js';

const NOT_COUNTED: LookRequest['floodLimits'] = { account: [], everyone: [] };

/** What reservations go by, read without a trace: commands that only read, and scripts that are asked to hold nothing. */
export class Looks {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly addresses: Pick<AddressHolds, 'reserve'>,
    private readonly suppressions: Pick<SuppressionRecords, 'elsewhere'>,
  ) {}

  async look(request: LookRequest): Promise<Sight> {
    const { account, accountLimits, floodLimits, recipients } = request;
    const now = await this.link.now('look');
    const [ofAccount, known, flood] = await Promise.all([
      this.#contents(this.keys.accountWindows(account), accountLimits, now),
      this.#known(request, now),
      Promise.all(
        recipients.map(async ({ key }) => [
          ...(await this.#contents(this.keys.accountFlood(key, account), floodLimits.account, now)),
          ...(await this.#contents(this.keys.everyoneFlood(key), floodLimits.everyone, now)),
        ]),
      ),
    ]);
    return {
      now,
      account: ofAccount,
      recipients: known.map((facts, index) => ({ ...facts, windows: flood[index] ?? [] })),
    };
  }

  /** Without limits the script holds nothing and only tells. */
  async #known(
    { account, recipients, facts }: LookRequest,
    now: number,
  ): Promise<readonly Omit<RecipientSight, 'windows'>[]> {
    const lease = { account, transaction: '' };
    const keys = recipients.map(({ key }) => key);
    const [parts, elsewhere] = await Promise.all([
      this.addresses.reserve({ lease, floodLimits: NOT_COUNTED, facts }, keys),
      facts.suppression ? this.suppressions.elsewhere('look', account, recipients) : null,
    ]);
    return recipients.map((recipient, index) => {
      const { suppression = null, revocation = null, rejections = null } = parts[index] ?? {};
      return { suppression: suppression ?? elsewhere?.(recipient, now) ?? null, revocation, rejections };
    });
  }

  #contents(key: string, limits: readonly WindowLimit[], now: number): Promise<readonly WindowContent[]> {
    return Promise.all(limits.map((limit) => this.#content(key, limit, now)));
  }

  async #content(key: string, { resource, perMs }: WindowLimit, now: number): Promise<WindowContent> {
    const window = `${codeOf(resource)}:${perMs}`;
    const oldest = oldestSlot(now, perMs);
    const slots = Array.from({ length: slotAt(now, perMs) - oldest + 1 }, (_, index) => oldest + index);
    const fields = [`h:${codeOf(resource)}`, ...slots.map((slot) => `${window}:${slot}`)];
    const [held, ...amounts] = (await this.link.command('look', 'HMGET', key, ...fields)) as (string | null)[];
    const counted = slots.map((slot, index) => [slot, Number(amounts[index] ?? 0)] as const);
    return { resource, perMs, held: Number(held ?? 0), slots: counted.filter(([, amount]) => amount > 0) };
  }
}
