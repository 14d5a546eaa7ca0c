import type { EffectivePolicy } from '../policy/engine.js';
import type { SessionRequest } from '../store/contract.js';
import type { TransactionContext } from './context.js';
import { inBackground } from './in-background.js';

type HeldSession = Pick<SessionRequest, 'session' | 'subject'>;

/**
 * A session among those that the store counts: of its client's network, and of
 * its account. It counts once for each, however often it is judged, until it
 * leaves.
 */
export class CountedSession {
  readonly #held: HeldSession[] = [];
  #over = false;

  constructor(
    private readonly context: Pick<TransactionContext, 'store' | 'clock' | 'keepAlive' | 'backgroundFailure'>,
    private readonly session: string,
  ) {}

  /** Counts it in, if there is room; null: nobody limits these, or it counts already. */
  async enter(
    rules: EffectivePolicy,
    subject: SessionRequest['subject'],
    scope: 'client-sessions' | 'account-sessions',
  ) {
    const limits = rules.limitsOf(scope, null, this.context.clock.now());
    const concurrent = rules.concurrencyOf(scope);
    if (limits.length === 0 && concurrent === null) return null;
    if (this.#held.some((counted) => counted.subject === subject)) return null;
    const held = { session: this.session, subject };
    const answer = await this.context.store.openSession({ session: this.session, subject, concurrent, limits });
    if (!answer.granted) return answer;
    if (this.#over) this.#letGo([held]);
    else {
      this.#held.push(held);
      this.context.keepAlive.holdSession(held);
    }
    return answer;
  }

  /** It counts for nobody, until it enters again. */
  leave(): void {
    this.#letGo(this.#held.splice(0));
  }

  /** The same for its account only. */
  leaveAccount(): void {
    const ofAccount = this.#held.filter(({ subject }) => subject.startsWith('account:'));
    for (const held of ofAccount) this.#held.splice(this.#held.indexOf(held), 1);
    this.#letGo(ofAccount);
  }

  /** The same for good: what the store still grants is given back at once. */
  end(): void {
    this.#over = true;
    this.leave();
  }

  #letGo(held: readonly HeldSession[]): void {
    for (const session of held) {
      this.context.keepAlive.letSessionGo(session);
      inBackground(this.context, 'closeSession', null, this.context.store.closeSession(session));
    }
  }
}
