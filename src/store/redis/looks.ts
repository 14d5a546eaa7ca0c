import type { Instant, LookRequest, RecipientSight, Sight, WindowContent } from '../contract.js';
import type { WindowLimit } from '../window.js';
import { type AddressHolds, NOTHING_KNOWN } from './address-holds.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import { answersTo } from './script-call.js';
import { closestElsewhere, type SuppressionRecords } from './suppression-records.js';
import { limitsArgument } from './window-codec.js';

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
      this.#contents(this.keys.accountWindows(account), accountLimits),
      this.#known(request, now),
      Promise.all(
        recipients.map(async ({ key }) => [
          ...(await this.#contents(this.keys.accountFlood(key, account), floodLimits.account)),
          ...(await this.#contents(this.keys.everyoneFlood(key), floodLimits.everyone)),
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
    now: Instant,
  ): Promise<readonly Omit<RecipientSight, 'windows'>[]> {
    const lease = { account, transaction: '' };
    const keys = recipients.map(({ key }) => key);
    const addresses = this.addresses.reserve({ lease, floodLimits: NOT_COUNTED, facts }, keys);
    const domains = facts.suppression ? this.suppressions.elsewhere(account, recipients) : [];
    const settled = await this.link.together('look', [...addresses, ...domains]);
    const known = answersTo(addresses, settled).flatMap(({ parts }) => parts);
    const elsewhere = answersTo(domains, settled.slice(addresses.length));
    return recipients.map((recipient, index) => {
      const { suppression, revocation, rejections } = known[index] ?? NOTHING_KNOWN;
      return {
        suppression: suppression ?? closestElsewhere(elsewhere, account, recipient, now),
        revocation,
        rejections,
      };
    });
  }

  async #contents(key: string, limits: readonly WindowLimit[]): Promise<readonly WindowContent[]> {
    if (limits.length === 0) return [];
    const args = [this.link.clock(), limitsArgument(limits)];
    const reply = (await this.link.script('look', 'look-at-windows', [key], args)) as readonly (readonly number[])[];
    return limits.map(({ resource, perMs }, index) => {
      const [held = 0, ...flat] = reply[index] ?? [];
      return { resource, perMs, held, slots: pairs(flat) };
    });
  }
}

function pairs(flat: readonly number[]): readonly (readonly [number, number])[] {
  return Array.from({ length: flat.length / 2 }, (_, at) => [flat[2 * at] ?? 0, flat[2 * at + 1] ?? 0] as const);
}
