import type { AccountState, AddressKey, CommitAnswer, CommitRequest, Instant } from '../contract.js';
import { type AccountRecords, readState, standingAt } from './account-records.js';
import { type AddressHolds, isCounted } from './address-holds.js';
import { accountEntries, addressEntries } from './charge-entries.js';
import type { ChargedPart, Charges } from './charges.js';
import { groupByCall, inOneList } from './groups.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import { answersTo, answerTo, type ScriptCall } from './script-call.js';
import { amountsArgument, limitsArgument, limitsOn, Numbers, readUsage } from './window-codec.js';

interface AccountPart extends ChargedPart {
  readonly now: Instant;
  readonly state: AccountState;
  /** The account's first message, as far as its own windows go. */
  readonly first: boolean;
}

/** Turns holds into charges. */
export class Commitment {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly addresses: AddressHolds,
    private readonly charges: Charges,
    private readonly accounts: Pick<AccountRecords, 'settleFirst'>,
  ) {}

  async commit(request: CommitRequest): Promise<CommitAnswer> {
    const { lease, amounts, unmailed } = request;
    const ofAccount = this.#chargeAccount(request);
    const ofAddresses = this.#chargeAddresses(request);
    const settled = await this.link.together('commit', [ofAccount, ...ofAddresses]);
    this.charges.assertAnswered(lease, [ofAccount, ...ofAddresses], settled);
    const account = answerTo(ofAccount, settled[0]);
    const parts: readonly ChargedPart[] = [account, ...answersTo(ofAddresses, settled.slice(1))];
    const { charge, usage } = await this.charges.agree(lease, parts, (part, { limit }) =>
      part === 0 ? (amounts[limit.resource] ?? 0) : 1,
    );
    const granted = charge !== null;
    if (unmailed.length > 0) await this.addresses.giveBackAll('commit', lease, unmailed);
    if (account.first) await this.accounts.settleFirst('commit', lease.account, granted);
    const told = usage.map((of, part) => (part === 0 ? of : of.filter(({ over }) => over)));
    return { now: account.now, granted, usage: inOneList(told), charge, state: granted ? account.state : null };
  }

  #chargeAccount({ lease, accountLimits: all, amounts }: CommitRequest): ScriptCall<AccountPart> {
    // Windows of what the message has none of can neither refuse nor be charged: they are not read.
    const accountLimits = limitsOn(all, (resource) => (amounts[resource] ?? 0) > 0);
    const keys = [this.keys.accountWindows(lease.account), this.keys.accountState(lease.account)];
    const args = [this.link.clock(), lease.transaction, limitsArgument(accountLimits), amountsArgument(amounts)];
    return {
      name: 'commit-account',
      keys,
      args,
      read(reply) {
        const [packed, fields] = reply as [Buffer, readonly Buffer[]];
        const numbers = Numbers.in(packed);
        const now = numbers.next();
        const granted = numbers.next() === 1;
        const first = numbers.next() === 1;
        const state = standingAt(readState(lease.account, fields.map(String)), now);
        const usage = readUsage(numbers, accountLimits);
        return {
          now,
          granted,
          first,
          state,
          usage,
          entries: granted ? accountEntries(accountLimits, amounts, now) : [],
        };
      },
    };
  }

  #chargeAddresses({ lease, floodLimits, recipients }: CommitRequest): readonly ScriptCall<ChargedPart>[] {
    if (!isCounted(floodLimits)) return [];
    const args = [
      this.link.clock(),
      lease.transaction,
      limitsArgument(floodLimits.account),
      limitsArgument(floodLimits.everyone),
    ];
    const windowsOf = (key: AddressKey) => [this.keys.everyoneFlood(key), this.keys.accountFlood(key, lease.account)];
    return groupByCall(recipients, this.link.isCluster).map((group) => ({
      name: 'commit-recipients',
      keys: inOneList(group.map(windowsOf)),
      args,
      read(reply) {
        const numbers = Numbers.in(reply as Buffer);
        const now = numbers.next();
        const granted = numbers.next();
        const usage = group.map(() => [
          ...readUsage(numbers, floodLimits.account),
          ...readUsage(numbers, floodLimits.everyone),
        ]);
        return {
          granted: granted === 1,
          usage: inOneList(usage),
          entries: granted === 1 ? inOneList(group.map((key) => addressEntries(key, floodLimits, now))) : [],
        };
      },
    }));
  }
}
