import type {
  GiveBackRequest,
  HeldLease,
  Instant,
  RecipientRequest,
  ReserveAnswer,
  ReserveRequest,
} from '../contract.js';
import type { WindowUsage } from '../window.js';
import type { AccountAnswer, AccountHolds, AccountPart } from './account-holds.js';
import { type AddressHolds, type AddressPart, asksAddresses, isCounted, NOTHING_KNOWN } from './address-holds.js';
import { countOf, sum } from './amounts.js';
import { FirstLook } from './first-look.js';
import { inOneList } from './groups.js';
import type { Link } from './link.js';
import { answersTo, answerTo, type ScriptCall } from './script-call.js';
import { closestElsewhere, type Elsewhere, type SuppressionRecords } from './suppression-records.js';

/** What becomes of the account's part of a request. */
type OfAccount = Pick<ReserveAnswer, 'held' | 'unheld' | 'ahead'>;

/** What becomes of one request. */
interface Agreed {
  readonly judged: readonly Judged[];
  readonly ofAccount: OfAccount;
}

interface Judged {
  readonly recipient: RecipientRequest;
  readonly account: AccountPart;
  readonly address: AddressPart;
}

/** What the store says to one request, part by part. */
interface Answers {
  readonly now: Instant;
  /** Null where none of the account's limits is asked for. */
  readonly account: AccountAnswer | null;
  /** Empty where nothing of the addresses is. */
  readonly addresses: readonly AddressPart[];
  readonly elsewhere: readonly Elsewhere[];
}

const UNLIMITED: AccountPart = { granted: true, usage: [] };

/**
 * Holds, of an account and of its recipients' addresses in one round trip. They
 * live under different hash tags, so each part is granted on its own; what the
 * other part denied is given back before the caller hears of it.
 */
export class Reservation {
  readonly #firstLook: FirstLook;

  constructor(
    private readonly link: Link,
    private readonly accounts: AccountHolds,
    private readonly addresses: AddressHolds,
    private readonly suppressions: SuppressionRecords,
  ) {
    this.#firstLook = new FirstLook(link, addresses, suppressions);
  }

  async reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    const { lease, recipients } = request;
    // Asked only where it is due: whatever is awaited before the calls are made may part them from others of this turn.
    const looked = this.#firstLook.isDue(request) ? await this.#look(request) : null;
    const { account, addresses, elsewhere, now } = looked ?? (await this.#ask(request));
    const [only] = addresses;
    if (looked === null && only !== undefined && recipients.length === 1) this.#firstLook.saw(request, only, elsewhere);
    const parts = recipients.map((recipient, index) => ({
      recipient,
      account: account === null ? UNLIMITED : at(account.parts, index),
      address: addresses[index] ?? NOTHING_KNOWN,
    }));
    const asked = account ?? { held: false, unheld: request.unheld, ahead: 0 };
    const { judged, ofAccount } = await this.#agree(request, { judged: parts, ofAccount: asked });
    const { held, unheld, ahead } = ofAccount;
    return {
      now,
      recipients: judged.map((one) => ({
        granted: isGranted(one),
        held: isGranted(one) && one.address.held,
        usage: [...one.account.usage, ...one.address.usage],
        suppression: one.address.suppression ?? closestElsewhere(elsewhere, lease.account, one.recipient, now),
        revocation: one.address.revocation,
        rejections: one.address.rejections,
      })),
      held,
      unheld,
      ahead,
    };
  }

  async giveBack({ lease, amounts, recipients }: GiveBackRequest): Promise<void> {
    await Promise.all([
      this.accounts.giveBack('giveBack', lease, amounts),
      this.addresses.giveBackAll('giveBack', lease, recipients),
    ]);
  }

  async release({ lease, recipients }: HeldLease): Promise<void> {
    await Promise.all([this.accounts.release(lease), this.addresses.giveBackAll('release', lease, recipients)]);
  }

  async renew(held: readonly HeldLease[]): Promise<void> {
    await Promise.all(
      held.flatMap(({ lease, recipients }) => [this.accounts.renew(lease), this.addresses.renew(lease, recipients)]),
    );
  }

  #askAccount(
    { lease, accountLimits: limits, amounts, unheld, ahead, recipients }: ReserveRequest,
    isFlooded: (index: number) => boolean,
  ): ScriptCall<AccountAnswer> {
    const wanted = recipients.map(({ resource }, index) => ({ resource, flooded: isFlooded(index) }));
    return this.accounts.reserve({ lease, limits, amounts, unheld, ahead, wanted });
  }

  /** Null where it must ask. */
  async #look(request: ReserveRequest): Promise<Answers | null> {
    const found = await this.#firstLook.at(request);
    return found && { now: found.now, account: null, addresses: [found.part], elsewhere: [] };
  }

  /** When one part fails, whatever the others hold by now goes back; the caller must not think of it any more. */
  async #ask(request: ReserveRequest): Promise<Answers> {
    const { lease, recipients, facts, floodLimits, accountLimits } = request;
    const keys = recipients.map(({ key }) => key);
    const addresses = asksAddresses(floodLimits, facts) ? this.addresses.reserve(request, keys) : [];
    const elsewhere = facts.suppression ? this.suppressions.elsewhere(lease.account, recipients) : [];
    // Where nothing else is asked, the account tells the time.
    const account = accountLimits.length > 0 || addresses.length === 0 ? [this.#askAccount(request, () => false)] : [];
    const settled = await this.link.together('reserve', [...account, ...addresses, ...elsewhere]);
    try {
      const [ofAccount] = answersTo(account, settled);
      const ofAddresses = answersTo(addresses, settled.slice(account.length));
      const now = ofAccount?.now ?? ofAddresses[0]?.now;
      if (now === undefined) throw new RangeError('nothing was asked');
      return {
        now,
        account: ofAccount ?? null,
        addresses: inOneList(ofAddresses.map(({ parts }) => parts)),
        elsewhere: answersTo(elsewhere, settled.slice(account.length + addresses.length)),
      };
    } catch (error) {
      this.#giveAllBack(request);
      throw error;
    }
  }

  #giveAllBack({ lease, accountLimits, amounts, recipients, floodLimits }: ReserveRequest): void {
    const keys = recipients.map(({ key }) => key);
    const ofAccount = accountLimits.length > 0 ? sum(countOf(recipients), amounts) : {};
    void orByExpiry(this.accounts.giveBack('reserve', lease, ofAccount));
    if (isCounted(floodLimits)) void orByExpiry(this.addresses.giveBackPlaces('reserve', lease, floodLimits, keys));
  }

  /** Makes one answer of both parts, so that who is denied by one holds nothing of the other. */
  async #agree(request: ReserveRequest, asked: Agreed): Promise<Agreed> {
    const { lease, floodLimits } = request;
    const anyFlooded = asked.judged.some((one) => !one.address.granted);
    const { judged, ofAccount } = anyFlooded ? await this.#withoutFlooded(request, asked) : asked;
    const crowdedOut = judged.filter((one) => one.address.granted && !one.account.granted);
    if (crowdedOut.length === 0 || !isCounted(floodLimits)) return { judged, ofAccount };
    const keys = crowdedOut.filter(({ address }) => address.held).map(({ recipient }) => recipient.key);
    // Another connection must not see them any more once the caller knows.
    if (keys.length > 0) await orByExpiry(this.addresses.giveBackPlaces('reserve', lease, floodLimits, keys));
    const without = judged.map((one) =>
      crowdedOut.includes(one)
        ? { ...one, address: { ...one.address, usage: one.address.usage.map(withoutOwnPlace) } }
        : one,
    );
    return { judged: without, ofAccount };
  }

  /**
   * Some addresses are flooded: the account is asked anew, as if these had never
   * taken a place before others of the batch. One more round trip, for an abuser.
   */
  async #withoutFlooded(request: ReserveRequest, asked: Agreed): Promise<Agreed> {
    if (request.accountLimits.length === 0) return asked;
    const { judged: parts, ofAccount } = asked;
    const granted = parts.filter((one) => one.account.granted).map(({ recipient }) => recipient);
    // What was not held before and is now stays so.
    const unheld = ofAccount.held ? ofAccount.unheld : request.unheld;
    const account = this.#askAccount({ ...request, unheld }, (index) => !at(parts, index).address.granted);
    const back = sum(countOf(granted), request.amounts);
    const [, [settled]] = await Promise.all([
      ofAccount.held && granted.length > 0 ? this.accounts.giveBack('reserve', request.lease, back) : null,
      this.link.together('reserve', [account]),
    ]);
    const again = answerTo(account, settled);
    return { judged: parts.map((one, index) => ({ ...one, account: at(again.parts, index) })), ofAccount: again };
  }
}

function isGranted({ account, address }: Judged): boolean {
  return account.granted && address.granted;
}

function withoutOwnPlace(use: WindowUsage): WindowUsage {
  return { ...use, used: Math.max(0, use.used - 1) };
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`no answer for recipient ${index} of ${list.length}`);
  return found;
}

/** Should it fail, the hold comes home by its expiry. */
async function orByExpiry(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {});
}
