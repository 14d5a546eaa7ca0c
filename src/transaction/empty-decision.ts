import type { Decision } from '../ledger/decision.js';
import type { ClientFacts, Stage } from '../policy/rule.js';
import type { TransactionContext } from './context.js';
import type { KnownAccount } from './known-account.js';

/** What every decision tells of the session that it was made in. */
interface DecidedSession {
  readonly id: string;
  readonly context: Pick<TransactionContext, 'clock'>;
  readonly client: ClientFacts;
  readonly account: KnownAccount | null;
  nextTransactionId(): string;
}

/** A decision about a session, before anything of a message is known. */
export function emptyDecision(session: DecidedSession, stage: Stage, id = session.nextTransactionId()): Decision {
  return {
    id,
    at: session.context.clock.now(),
    stage,
    session: session.id,
    listener: session.client.listener,
    client: session.client.address,
    account: session.account?.profile.id ?? null,
    plan: session.account?.profile.plan ?? null,
    username: session.account?.identity.username ?? null,
    reversePath: null,
    recipients: [],
    objections: [],
    verdict: 'pass',
    ending: 'aborted',
    reply: '',
    by: 'sluice',
    queueId: null,
    size: null,
    declaredSize: null,
    mailAt: null,
    messageAt: null,
    asked: null,
    messageUsage: [],
    message: null,
    accountState: null,
    reputation: null,
    skipped: false,
    durationMs: 0,
  };
}
