import type { RecipientChargeAnswer, RecipientChargeRequest } from '../contract.js';
import type { AccountHolds } from './account-holds.js';
import type { AccountRecords } from './account-records.js';
import { type AddressHolds, asksAddresses, type ChargedAddress, NOTHING_KNOWN } from './address-holds.js';
import type { Charges } from './charges.js';
import type { Link } from './link.js';
import { answersTo, answerTo } from './script-call.js';
import { closestElsewhere, type SuppressionRecords } from './suppression-records.js';

const NOT_ASKED: ChargedAddress = { ...NOTHING_KNOWN, entries: [] };

export interface ChargedWith {
  readonly accounts: AccountHolds;
  readonly addresses: AddressHolds;
  readonly suppressions: SuppressionRecords;
  readonly charges: Charges;
  readonly records: Pick<AccountRecords, 'settleFirst'>;
}

/** Recipients that are charged for as they are let through: a reservation that holds nothing. */
export class RecipientCharges {
  constructor(
    private readonly link: Link,
    private readonly by: ChargedWith,
  ) {}

  async charge(request: RecipientChargeRequest): Promise<RecipientChargeAnswer> {
    const { lease, accountLimits: limits, amounts, recipient, floodLimits, facts } = request;
    const { key, resource } = recipient;
    const { accounts, addresses, suppressions, charges, records } = this.by;
    const ofAccount = accounts.charge({ lease, limits, amounts, resource });
    const ofAddress = asksAddresses(floodLimits, facts) ? [addresses.charge(request, key)] : [];
    const elsewhere = facts.suppression ? suppressions.elsewhere(lease.account, [recipient]) : [];
    const settled = await this.link.together('chargeRecipient', [ofAccount, ...ofAddress, ...elsewhere]);
    charges.assertAnswered(lease, [ofAccount, ...ofAddress], settled);
    const account = answerTo(ofAccount, settled[0]);
    const [address = NOT_ASKED] = answersTo(ofAddress, settled.slice(1));
    const { charge, usage } = await charges.agree(lease, [account, address], (part, { limit }) =>
      part === 0 ? (amounts[limit.resource] ?? 0) + Number(limit.resource === resource) : 1,
    );
    if (account.first) await records.settleFirst('chargeRecipient', lease.account, charge !== null);
    const { suppression, revocation, rejections } = address;
    const said = answersTo(elsewhere, settled.slice(1 + ofAddress.length));
    return {
      now: account.now,
      recipient: {
        granted: charge !== null,
        usage: usage.flat(),
        suppression: suppression ?? closestElsewhere(said, lease.account, recipient, account.now),
        revocation,
        rejections,
      },
      charge,
    };
  }
}
