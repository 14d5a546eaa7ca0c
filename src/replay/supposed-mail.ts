/** What would become of a mail that nobody sends: a transaction as any other, on a store that keeps nothing. */

import type { AccountProfile, Connection } from '../account/contract.js';
import type { Decision } from '../ledger/decision.js';
import type { Address } from '../smtp/address.js';
import type { PolicyContext, TransactionContext } from '../transaction/context.js';
import { KeepAlive } from '../transaction/keep-alive.js';
import { KnownRoom } from '../transaction/known-room.js';
import { Session } from '../transaction/session.js';
import { StoreClock } from '../transaction/store-clock.js';
import { Transaction } from '../transaction/transaction.js';
import { type ReadStore, supposingStore } from './supposing-store.js';

export interface SupposedMail {
  readonly account: AccountProfile;
  readonly client: Pick<Connection, 'address' | 'listener'>;
  /** Null: the null reverse-path. */
  readonly reversePath: Address | null;
  readonly recipients: readonly Address[];
  /** Null: nobody asks about the message itself. */
  readonly message: {
    /** Declared at MAIL. */
    readonly size: number;
    /** With CRLF line ends. Read once. */
    readonly octets: AsyncIterable<Buffer> | Iterable<Buffer>;
  } | null;
}

/** A relay that takes everything, or there would be nothing to explain. */
const TAKEN = { code: 250, lines: ['2.1.5 Ok'] };

/**
 * Judges it as the doors do.
 *
 * @param real null: as if the store were empty
 */
export async function suppose(mail: SupposedMail, policy: PolicyContext, real: ReadStore | null): Promise<Decision> {
  const { account, client, reversePath, recipients, message } = mail;
  const made: Decision[] = [];
  const failures: unknown[] = [];
  const context = contextOf(policy, real, made, failures);
  const session = new Session(context, { ...client, certificate: null, login: null, mta: null });
  const transaction = new Transaction(session, {
    identity: { account: account.id, username: null, by: 'unknown' },
    profile: account,
  });
  try {
    await transaction.mail(reversePath, reversePath?.spelling ?? '', message?.size ?? null);
    if (!transaction.ended) {
      const replies = await transaction.recipients(recipients);
      const passed = recipients.filter((_, index) => replies[index] === null);
      transaction.relayAnswered(passed.map((address) => ({ address, reply: TAKEN })));
      if (message !== null && transaction.acceptedRecipients.length > 0) {
        const sink = transaction.inspector();
        if (sink !== null) for await (const octets of message.octets) await sink.feed(octets);
        await transaction.endOfData(message.size);
      }
      if (!transaction.ended) transaction.passed(null);
    }
  } finally {
    context.keepAlive.close();
  }
  if (failures.length > 0) throw failures[0];
  const [decision] = made;
  if (decision === undefined) throw new Error('a transaction ended without a decision');
  return decision;
}

function contextOf(
  policy: PolicyContext,
  real: ReadStore | null,
  made: Decision[],
  failures: unknown[],
): TransactionContext {
  const nothingToRenew = { renew: () => Promise.resolve(), renewSessions: () => Promise.resolve() };
  return {
    store: supposingStore(real),
    clock: new StoreClock(),
    knownRoom: new KnownRoom(),
    keepAlive: new KeepAlive(nothingToRenew, { reservationTtlMs: 60_000, sessionTtlMs: 60_000 }, () => undefined),
    policy: () => policy,
    decided: (decision) => made.push(decision),
    turnedAway: (decision) => made.push(decision),
    reputationChanged: () => undefined,
    // A service goes on without its store, as the config says. Whoever asks here wants the store's answer.
    backgroundFailure: (_what, _account, error) => failures.push(error),
  };
}
