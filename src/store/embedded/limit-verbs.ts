import { chargeRecipient } from '../charging-recipients.js';
import { commitMessage } from '../committing.js';
import type {
  CommitAnswer,
  CommitRequest,
  GiveBackRequest,
  LimitStore,
  RecipientChargeAnswer,
  RecipientChargeRequest,
  ReserveAnswer,
  ReserveRequest,
} from '../contract.js';
import { Reserving } from '../reserving.js';
import { ofAccount, ofAccountTo, ofEveryoneTo } from '../subjects.js';
import type { Accounts } from './accounts.js';
import type { Calls } from './calls.js';
import type { Leases } from './leases.js';
import type { RecipientFacts } from './recipient-facts.js';
import type { Windows } from './windows.js';

interface LimitTables {
  readonly windows: Windows;
  readonly leases: Leases;
  readonly accounts: Accounts;
  readonly facts: RecipientFacts;
}

/** Room that is held, charged and given back. */
export function limitVerbs(calls: Calls, tables: LimitTables): LimitStore {
  const { windows, leases } = tables;
  return {
    reserve: (request) => calls.write('reserve', (now) => reserve(request, tables, now)),
    renew: (held) =>
      calls.write('renew', (now) => {
        for (const { lease } of held) leases.renew(lease.transaction, now);
      }),
    giveBack: (request) => calls.write('giveBack', () => giveBack(request, tables)),
    commit: (request) => calls.write('commit', (now) => commit(request, tables, now)),
    chargeRecipient: (request) => calls.write('chargeRecipient', (now) => chargeAtOnce(request, tables, now)),
    refund: ({ entries }) =>
      calls.write('refund', () => {
        for (const { slot, amount, ...window } of entries) windows.refund(window, slot, amount);
      }),
    release: ({ lease }) =>
      calls.write('release', (now) => {
        leases.end(lease.transaction, now);
      }),
    usage: (account, limits) => calls.read('usage', (now) => windows.usage(ofAccount(account), limits, now)),
  };
}

function reserve(request: ReserveRequest, { windows, leases, facts }: LimitTables, now: number): ReserveAnswer {
  const { lease, recipients } = request;
  const had = leases.holdsOf(lease.transaction, now);
  const reserving = new Reserving(request, windows.at(now), had);
  const asked = { account: lease.account, facts: request.facts };
  const answers = recipients.map((one) => ({ ...reserving.grant(one), ...facts.of(one, asked, now) }));
  const account = reserving.ofAccount();
  if (reserving.holds.length > 0) leases.extend(lease.transaction, now);
  else if (had.length > 0) leases.renew(lease.transaction, now);
  for (const hold of reserving.holds) leases.hold(lease.transaction, hold);
  return { now, recipients: answers, ...account };
}

function giveBack({ lease, amounts, recipients }: GiveBackRequest, { leases }: LimitTables): void {
  const subject = ofAccount(lease.account);
  for (const [resource, amount] of Object.entries(amounts)) {
    leases.take(lease.transaction, { subject, resource, amount: amount ?? 0 });
  }
  for (const key of recipients) {
    leases.takeAll(lease.transaction, ofAccountTo(lease.account, key));
    leases.takeAll(lease.transaction, ofEveryoneTo(key));
  }
}

function commit(request: CommitRequest, { windows, leases, accounts }: LimitTables, now: number): CommitAnswer {
  const { account, transaction } = request.lease;
  const held = leases.end(transaction, now);
  const answer = commitMessage(request, held, windows.at(now));
  if (!answer.granted) return { ...answer, state: null };
  accounts.accepted(account, now);
  return { ...answer, state: accounts.stateOf(account, now) };
}

function chargeAtOnce(
  request: RecipientChargeRequest,
  { windows, accounts, facts }: LimitTables,
  now: number,
): RecipientChargeAnswer {
  const { recipient, lease } = request;
  const { room, charge } = chargeRecipient(request, windows.at(now));
  if (charge !== null) accounts.accepted(lease.account, now);
  const known = facts.of(recipient, { account: lease.account, facts: request.facts }, now);
  return { now, recipient: { ...room, ...known }, charge };
}
