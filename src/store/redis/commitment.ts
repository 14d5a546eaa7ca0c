import type { AccountId, AddressKey, Charge, CommitAnswer, CommitRequest, Instant } from '../contract.js';
import { slotAt, type WindowLimit, type WindowUsage } from '../window.js';
import { type AddressHolds, isCounted } from './address-holds.js';
import { groupByCall } from './groups.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import type { OctetsReply } from './script-call.js';
import { answersTo, answerTo, type ScriptCall } from './script-call.js';
import {
  amountsArgument,
  limitsArgument,
  limitsOn,
  Numbers,
  readUsage,
  windowArgument,
  windowsOf,
} from './window-codec.js';

type Entry = Charge['entries'][number];

interface Part {
  readonly granted: boolean;
  readonly usage: readonly WindowUsage[];
  readonly entries: readonly Entry[];
}

interface AccountPart extends Part {
  readonly now: Instant;
  /** The account's first message, as far as its own windows go. */
  readonly first: boolean;
}

/** Subjects of charges: whose windows they went to. */
const ACCOUNT = 'account';
const EVERYONE_TO = 'everyone>';
const ACCOUNT_TO = 'account>';

/**
 * Turns holds into charges, and charges back. Account and addresses are charged
 * in one round trip under their own hash tags; when one part is denied the
 * others' charges are taken back before the answer, so that for a moment too
 * much is counted and never too little.
 */
export class Commitment {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly addresses: AddressHolds,
    private readonly onFirstMessage: (account: AccountId) => Promise<void>,
  ) {}

  async commit(request: CommitRequest): Promise<CommitAnswer> {
    const { lease, unmailed } = request;
    const ofAccount = this.#chargeAccount(request);
    const ofAddresses = this.#chargeAddresses(request);
    const settled = await this.link.together('commit', [ofAccount, ...ofAddresses]);
    const failed = settled.find((part) => part.status === 'rejected');
    if (failed !== undefined) {
      // Those that may still have been charged count too much until they leave the window.
      this.refund({ lease, entries: entriesOf(answered([ofAccount, ...ofAddresses], settled)) }).catch(() => {});
      throw failed.reason;
    }
    const account = answerTo(ofAccount, settled[0]);
    const parts: readonly Part[] = [account, ...answersTo(ofAddresses, settled.slice(1))];
    const charge = { lease, entries: entriesOf(parts) };
    const { now } = account;
    const granted = parts.every((part) => part.granted);
    if (!granted) await this.refund(charge);
    if (unmailed.length > 0) await this.addresses.giveBackAll('commit', lease, unmailed);
    if (account.first) await this.#settleFirst(lease.account, granted);
    const usage = parts.flatMap((part, index) => {
      const told = index === 0 ? part.usage : part.usage.filter(({ over }) => over);
      if (granted || !part.granted) return told;
      // It was charged for what another part then denied.
      return told.map((use) => without(use, index === 0 ? (request.amounts[use.limit.resource] ?? 0) : 1));
    });
    return { now, granted, usage, charge: granted ? charge : null };
  }

  async refund({ lease, entries }: Charge): Promise<void> {
    const bySubject = new Map<string, Entry[]>();
    for (const entry of entries) bySubject.set(entry.subject, [...(bySubject.get(entry.subject) ?? []), entry]);
    const calls = groupByCall([...bySubject], this.link.isCluster).map((group) =>
      this.link.script(
        'refund',
        'refund',
        group.map(([subject]) => this.#windowsOf(subject, lease.account)),
        [this.link.clock(), ...group.map(([, charged]) => refundArgument(charged))],
      ),
    );
    await Promise.all(calls);
  }

  #chargeAccount({ lease, accountLimits: all, amounts }: CommitRequest): ScriptCall<AccountPart> {
    // Windows of what the message has none of can neither refuse nor be charged: they are not read.
    const accountLimits = limitsOn(all, (resource) => (amounts[resource] ?? 0) > 0);
    const keys = [this.keys.accountWindows(lease.account), this.keys.accountState(lease.account)];
    const args = [this.link.clock(), lease.transaction, limitsArgument(accountLimits), amountsArgument(amounts)];
    const read = (reply: OctetsReply): AccountPart => {
      const numbers = Numbers.in(reply as Buffer);
      const now = numbers.next();
      const granted = numbers.next();
      const first = numbers.next();
      const entries = windowsOf(accountLimits).map((window) =>
        entryOf(ACCOUNT, window, now, amounts[window.resource] ?? 0),
      );
      return {
        now,
        granted: granted === 1,
        first: first === 1,
        usage: readUsage(numbers, accountLimits),
        entries: granted === 1 ? entries.filter(({ amount }) => amount > 0) : [],
      };
    };
    return { name: 'commit-account', keys, args, read };
  }

  #chargeAddresses({ lease, floodLimits, recipients }: CommitRequest): readonly ScriptCall<Part>[] {
    if (!isCounted(floodLimits)) return [];
    const args = [
      this.link.clock(),
      lease.transaction,
      limitsArgument(floodLimits.account),
      limitsArgument(floodLimits.everyone),
    ];
    return groupByCall(recipients, this.link.isCluster).map((group) => ({
      name: 'commit-recipients',
      keys: group.flatMap((key) => [this.keys.everyoneFlood(key), this.keys.accountFlood(key, lease.account)]),
      args,
      read(reply) {
        const numbers = Numbers.in(reply as Buffer);
        const now = numbers.next();
        const granted = numbers.next();
        return {
          granted: granted === 1,
          usage: group.flatMap(() => [
            ...readUsage(numbers, floodLimits.account),
            ...readUsage(numbers, floodLimits.everyone),
          ]),
          entries: granted === 1 ? group.flatMap((key) => addressEntries(key, floodLimits, now)) : [],
        };
      },
    }));
  }

  async #settleFirst(account: AccountId, granted: boolean): Promise<void> {
    if (granted) return this.onFirstMessage(account);
    await this.link.command('commit', 'HDEL', this.keys.accountState(account), 'first');
  }

  #windowsOf(subject: string, account: AccountId): string {
    if (subject.startsWith(EVERYONE_TO)) return this.keys.everyoneFlood(subject.slice(EVERYONE_TO.length));
    if (subject.startsWith(ACCOUNT_TO)) return this.keys.accountFlood(subject.slice(ACCOUNT_TO.length), account);
    return this.keys.accountWindows(account);
  }
}

/** What was answered to those calls that did not fail. */
function answered(
  calls: readonly ScriptCall<Part>[],
  settled: readonly PromiseSettledResult<OctetsReply>[],
): readonly Part[] {
  return calls.flatMap((call, index) =>
    settled[index]?.status === 'fulfilled' ? [answerTo(call, settled[index])] : [],
  );
}

function entriesOf(parts: readonly Part[]): readonly Entry[] {
  return parts.flatMap(({ entries }) => entries);
}

function without(use: WindowUsage, amount: number): WindowUsage {
  return { ...use, used: Math.max(0, use.used - amount) };
}

function addressEntries(key: AddressKey, limits: CommitRequest['floodLimits'], now: Instant): Entry[] {
  return [
    ...windowsOf(limits.everyone).map((window) => entryOf(`${EVERYONE_TO}${key}`, window, now, 1)),
    ...windowsOf(limits.account).map((window) => entryOf(`${ACCOUNT_TO}${key}`, window, now, 1)),
  ];
}

function entryOf(
  subject: string,
  { resource, perMs }: Pick<WindowLimit, 'resource' | 'perMs'>,
  now: Instant,
  amount: number,
): Entry {
  return { subject, resource, perMs, slot: slotAt(now, perMs), amount };
}

function refundArgument(entries: readonly Entry[]): string {
  return JSON.stringify(
    entries.map(({ resource, perMs, slot, amount }) => ({
      ...windowArgument({ resource: resource as WindowLimit['resource'], perMs }),
      charged: slot,
      amount,
    })),
  );
}
