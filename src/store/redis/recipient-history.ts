import type {
  AccountId,
  AddressKey,
  NewRevocation,
  Outcome,
  OutcomePolicy,
  RejectionStreak,
  Subscription,
  SubscriptionRevocation,
} from '../contract.js';
import { firstOctets } from '../first-octets.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import { readRevocation, readStreak } from './recipient-facts.js';

/** Heavier ones replace what is known of a message; as record-outcome.lua has them. */
const RANKS: Readonly<Record<Outcome['kind'], number>> = { accepted: 1, delivered: 2, returned: 3, rejected: 4 };

const MAX_STATUS_OCTETS = 200;
const STREAM = 'stream ';

/** Revocations, outcomes and rejection streaks of addresses. */
export class RecipientHistory {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  async revoke({ key, account, at, source, subscription }: NewRevocation): Promise<void> {
    const args = [this.link.clock(), fieldOf(account, subscription ?? null), at ?? '', source];
    await this.link.script('revoke', 'revoke', [this.keys.revocations(key)], args);
  }

  async liftRevocation(key: AddressKey, account: AccountId): Promise<boolean> {
    const hash = this.keys.revocations(key);
    const fields = (await this.link.command('liftRevocation', 'HKEYS', hash)) as string[];
    const own = fields.filter((field) => field === account || isOfPart(field, account));
    return own.length > 0 && Number(await this.link.command('liftRevocation', 'HDEL', hash, ...own)) > 0;
  }

  async subscriptionRevocationsOf(
    account: AccountId,
    keys: readonly AddressKey[],
  ): Promise<SubscriptionRevocation[][]> {
    const verb = 'subscriptionRevocationsOf';
    const replies = await Promise.all(
      keys.map((key) => this.link.command(verb, 'HGETALL', this.keys.revocations(key)) as Promise<string[]>),
    );
    return replies.map((flat, index) => partialRevocationsIn(flat, keys[index] ?? '', account));
  }

  async recordOutcome(outcome: Outcome, { scope, presumeDeliveredAfterMs, keepMs }: OutcomePolicy): Promise<void> {
    const { account, key, message, kind, status, at } = outcome;
    await this.link.script(
      'recordOutcome',
      'record-outcome',
      [this.keys.streaks(key), this.keys.rejections(key)],
      [
        ...[this.link.clock(), scope === 'global' ? '' : account, message, RANKS[kind]],
        ...[firstOctets(status, MAX_STATUS_OCTETS), at ?? '', presumeDeliveredAfterMs, keepMs],
      ],
    );
  }

  async rejectionsOf(key: AddressKey): Promise<RejectionStreak[]> {
    const [now, reply] = await Promise.all([
      this.link.now('rejectionsOf'),
      this.link.command('rejectionsOf', 'HGETALL', this.keys.streaks(key)),
    ]);
    const flat = reply as string[];
    const streaks: RejectionStreak[] = [];
    for (let i = 0; i < flat.length; i += 2) {
      const streak = readStreak(flat[i + 1] ?? null, key, flat[i] || null, now);
      if (streak !== null) streaks.push(streak);
    }
    return streaks;
  }

  async forgetRejections(key: AddressKey, account: AccountId | null): Promise<boolean> {
    const field = account ?? '';
    const [now, text] = await Promise.all([
      this.link.now('forgetRejections'),
      this.link.command('forgetRejections', 'HGET', this.keys.streaks(key), field),
    ]);
    // What ended the last streak is not forgotten.
    if (readStreak(text as string | null, key, account, now) === null) return false;
    return (await this.link.command('forgetRejections', 'HDEL', this.keys.streaks(key), field)) === 1;
  }
}

/** In the hash of an address' revocations. Neither an account nor a list has a space in its name. */
function fieldOf(account: AccountId, subscription: Subscription | null): string {
  if (subscription === null) return account;
  const { kind, name } = subscription;
  return kind === 'list' ? `${account} ${name}` : `${account} ${kind} ${name}`;
}

function isOfPart(field: string, account: AccountId): boolean {
  return field.startsWith(`${account} `);
}

function subscriptionIn(field: string, account: AccountId): Subscription {
  const name = field.slice(account.length + 1);
  return name.startsWith(STREAM) ? { kind: 'stream', name: name.slice(STREAM.length) } : { kind: 'list', name };
}

function partialRevocationsIn(flat: readonly string[], key: AddressKey, account: AccountId): SubscriptionRevocation[] {
  const found: SubscriptionRevocation[] = [];
  for (let i = 0; i < flat.length; i += 2) {
    const field = flat[i] ?? '';
    const revocation = isOfPart(field, account) ? readRevocation(flat[i + 1] ?? null, key, account) : null;
    if (revocation !== null) found.push({ ...revocation, subscription: subscriptionIn(field, account) });
  }
  return found.sort((one, other) => one.at - other.at || (one.subscription.name < other.subscription.name ? -1 : 1));
}
