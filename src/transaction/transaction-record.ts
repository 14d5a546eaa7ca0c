import type { Decision, Ending } from '../ledger/decision.js';
import type { EffectivePolicy } from '../policy/engine.js';
import type { MessageFindings } from '../policy/message-facts.js';
import type { RecordedObjection, Verdict } from '../policy/rule.js';
import { isTransient, type Reply, toText } from '../smtp/reply.js';
import { emptyDecision } from './empty-decision.js';
import type { KnownAccount } from './known-account.js';
import type { Mail } from './mail.js';
import type { Recipients } from './recipients.js';
import type { Session } from './session.js';
import type { StoreGuard } from './store-guard.js';

export interface Recorded {
  readonly id: string;
  readonly session: Session;
  readonly account: KnownAccount;
  readonly rules: EffectivePolicy;
  readonly mail: Mail;
  readonly recipients: Recipients;
  readonly guard: StoreGuard;
}

export interface TransactionEnd {
  readonly ending: Ending;
  /** Null where nobody heard one. */
  readonly reply: Reply | null;
  readonly by: 'sluice' | 'relay';
  readonly queueId: string | null;
}

/** How far one transaction came and what was found meanwhile: what its decision is made of. */
export class TransactionRecord {
  stage: Decision['stage'] = 'mail';
  size: number | null = null;
  mailAt: number | null = null;
  messageAt: number | null = null;
  messageUsage: Decision['messageUsage'] = [];
  /** The message itself was looked at. */
  messageRead = false;
  found: MessageFindings | null = null;
  readonly objections: RecordedObjection[] = [];
  #verdict: Verdict = 'pass';
  readonly #began = performance.now();

  constructor(private readonly of: Recorded) {}

  /** We refused it by this reply. */
  refused(reply: Reply): void {
    this.#verdict = worse(this.#verdict, isTransient(reply) ? 'defer' : 'reject');
  }

  /** The client was told to come again, though nothing was held against it. */
  deferred(): void {
    this.#verdict = worse(this.#verdict, 'defer');
  }

  decision({ ending, reply, by, queueId }: TransactionEnd): Decision {
    const { id, session, account, rules, mail, recipients, guard } = this.of;
    const entries = recipients.all;
    return {
      ...emptyDecision(session, this.stage, id),
      account: account.profile.id,
      plan: account.profile.plan,
      username: account.identity.username,
      reversePath: mail.spelling,
      recipients: entries.map((entry) => entry.toDecision()),
      objections: this.objections,
      verdict: entries.reduce((worst, entry) => worse(worst, entry.verdict), this.#verdict),
      ending,
      reply: reply === null ? '' : toText(reply),
      by,
      queueId,
      size: this.size,
      declaredSize: mail.declaredSize,
      mailAt: this.mailAt,
      messageAt: this.messageAt,
      asked: {
        facts: [...rules.needs],
        streakScope: rules.streakScope,
        matchSubaddress: rules.matchSubaddress,
        message: this.messageRead ? [...rules.messageNeeds] : [],
      },
      messageUsage: this.messageUsage,
      message: this.found,
      accountState: mail.state,
      reputation: mail.reputation,
      skipped: guard.skipped,
      durationMs: Math.round(performance.now() - this.#began),
    };
  }
}

const SEVERITY: Readonly<Record<Verdict, number>> = { pass: 0, defer: 1, reject: 2 };

function worse(one: Verdict, other: Verdict): Verdict {
  return SEVERITY[other] > SEVERITY[one] ? other : one;
}
