import { clientNetwork } from '../account/client-network.js';
import type { Authentication, Connection, Identity } from '../account/contract.js';
import type { Decision } from '../ledger/decision.js';
import { type EffectivePolicy, type Judgement, judge } from '../policy/engine.js';
import type { ClientFacts, FactsOf, Stage } from '../policy/rule.js';
import { isTransient, type Reply, toText } from '../smtp/reply.js';
import { serviceReply } from '../smtp/service-replies.js';
import { type AccountId, type AccountState, StoreUnavailable } from '../store/contract.js';
import { accountFacts, unknownState } from './account-facts.js';
import type { PolicyContext, TransactionContext } from './context.js';
import { CountedSession } from './counted-session.js';
import { emptyDecision } from './empty-decision.js';
import { FailedLogins } from './failed-logins.js';
import { newSessionId } from './ids.js';
import type { KnownAccount } from './known-account.js';

/** What the store said of an account so long ago is as good as asking: bulk senders go from message to message without a pause. */
const FRESH_MS = 100;

/**
 * One client connection, whatever the door: who it is, and the rules that judge
 * it before any mail (`connect`, `auth`, `account`). Every verb gives the reply
 * that refuses, or null.
 */
export class Session {
  readonly id = newSessionId();
  #client: ClientFacts;
  #account: KnownAccount | null = null;
  #judgedAccount: Identity | null = null;
  /** The account's state as it was read a moment ago. */
  #freshState: AccountState | null = null;
  #stateKnownAt = 0;
  #transactions = 0;
  readonly #counted: CountedSession;
  readonly #failedLogins: FailedLogins;

  constructor(
    readonly context: TransactionContext,
    private connection: Connection,
  ) {
    this.#client = { address: connection.address, listener: connection.listener };
    this.#counted = new CountedSession(context, this.id);
    this.#failedLogins = new FailedLogins(context);
  }

  get client(): ClientFacts {
    return this.#client;
  }

  get account(): KnownAccount | null {
    return this.#account;
  }

  nextTransactionId(): string {
    this.#transactions += 1;
    return `${this.id}.${this.#transactions}`;
  }

  /** Judges the client as it connects. */
  async connect(): Promise<Reply | null> {
    this.#recognise();
    const policy = this.context.policy();
    const rules = policy.anonymous;
    return this.#guard(policy, 'connect', async () => {
      const [sessions, failures] = await Promise.all([
        this.#counted.enter(rules, `client:${clientNetwork(this.#client.address)}`, 'client-sessions'),
        this.#failedLogins.usage(rules, ['client-failures'], this.#client.address, ''),
      ]);
      return this.#judge('connect', { client: this.#client, now: this.context.clock.now(), sessions, failures }, rules);
    });
  }

  /**
   * A trusted peer told who the client is (XCLIENT), or TLS showed a certificate.
   * Who the client had said it was before is forgotten (RFC 3207 §4.2): it could
   * have been somebody else in between.
   */
  async reconnect(connection: Connection): Promise<Reply | null> {
    const moved = connection.address !== this.connection.address;
    this.connection = connection;
    this.#client = { address: connection.address, listener: connection.listener };
    this.#forgetAccount();
    if (moved) {
      this.#counted.leave();
      return this.connect();
    }
    this.#recognise();
    return null;
  }

  /** Checks credentials. `reply` refuses; null: the account is known now. */
  async authenticate(username: string, password: string): Promise<Reply | null> {
    const policy = this.context.policy();
    const tooMany = await this.#guard(policy, 'auth', async () => {
      const failures = await this.#failedLogins.usage(
        policy.anonymous,
        ['client-failures', 'client-username-failures', 'username-failures'],
        this.#client.address,
        username,
      );
      return this.#judge(
        'auth',
        { client: this.#client, now: this.context.clock.now(), username, failures },
        policy.anonymous,
        username,
      );
    });
    if (tooMany !== null) return tooMany;
    const result = await policy.accounts.authenticate(username, password, this.connection);
    if (result.kind !== 'accepted') return this.#notAuthenticated(result, username, policy.anonymous);
    this.#know(result.identity, policy);
    return this.judgeAccount('auth');
  }

  /**
   * Judges the account once it is known: after AUTH, else before the first MAIL.
   * What was refused is asked again at the next MAIL: a suspension may have ended.
   */
  async judgeAccount(at: 'auth' | 'mail'): Promise<Reply | null> {
    const account = this.#account;
    if (account === null || this.#judgedAccount === account.identity) return null;
    const policy = this.context.policy();
    const rules = policy.policyOf(account.profile);
    const refusal = await this.#guard(policy, 'account', async () => {
      const [state, sessions] = await Promise.all([
        this.context.store.stateOf(account.profile.id),
        this.#counted.enter(rules, `account:${account.profile.id}`, 'account-sessions'),
      ]);
      this.knowState(state);
      // At MAIL the transaction judges the standing a moment later, with MAIL's own reply.
      const facts = accountFacts(account.profile, at === 'auth' ? state : unknownState(account.profile.id));
      return this.#judge(
        'account',
        { client: this.#client, now: this.context.clock.now(), account: facts, sessions },
        rules,
      );
    });
    if (refusal === null) this.#judgedAccount = account.identity;
    return refusal;
  }

  /** Writes down that the client was refused, for other reasons than a rule; gives the reply back. */
  turnAway(stage: Stage, reply: Reply, known: Partial<Pick<Decision, 'username' | 'reversePath'>> = {}): Reply {
    const verdict = isTransient(reply) ? 'defer' : 'reject';
    this.context.turnedAway({
      ...emptyDecision(this, stage),
      ...known,
      verdict,
      ending: 'refused',
      reply: toText(reply),
    });
    return reply;
  }

  /** The account's state, as the store has just said. */
  knowState(state: AccountState): void {
    this.#freshState = state;
    this.#stateKnownAt = this.context.clock.now();
  }

  /** That state, once, for a MAIL that comes at once; null: it must be asked for. */
  takeFreshState(account: AccountId): AccountState | null {
    const state = this.#freshState;
    this.#freshState = null;
    const age = this.context.clock.now() - this.#stateKnownAt;
    return state?.account === account && age >= 0 && age < FRESH_MS ? state : null;
  }

  close(): void {
    this.#counted.end();
  }

  #forgetAccount(): void {
    this.#account = null;
    this.#judgedAccount = null;
    this.#freshState = null;
    this.#counted.leaveAccount();
  }

  #recognise(): void {
    const policy = this.context.policy();
    const identity = policy.accounts.identify(this.connection);
    if (identity !== null) this.#know(identity, policy);
  }

  /** The last resort of an unauthenticated client at MAIL. */
  assumeUnknown(): void {
    const policy = this.context.policy();
    if (this.#account === null && policy.accounts.unknown !== null) this.#know(policy.accounts.unknown, policy);
  }

  #know(identity: Identity, policy: PolicyContext): void {
    this.#account = { identity, profile: policy.accounts.profileOf(identity.account) };
  }

  async #notAuthenticated(
    result: Exclude<Authentication, { kind: 'accepted' }>,
    username: string,
    rules: EffectivePolicy,
  ): Promise<Reply> {
    if (result.kind === 'unavailable') {
      this.context.backgroundFailure('checking credentials', null, result.cause);
      return this.turnAway('auth', serviceReply('credentialsUnchecked', this.id), { username });
    }
    // The answer to the next attempt depends on this count, so it is waited for;
    // a store that is away must not turn a wrong password into a right one's reply.
    await this.#failedLogins.add(rules, this.#client.address, username);
    return this.turnAway('auth', serviceReply('credentialsInvalid', this.id), { username });
  }

  /**
   * Runs a judgement that needs the store; when it is away, the setting decides.
   * Not a transaction's guard: connecting has a reply of its own, and no
   * decision has to tell what was skipped.
   */
  async #guard(policy: PolicyContext, stage: Stage, ask: () => Promise<Reply | null>): Promise<Reply | null> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.context.backgroundFailure(`judging ${stage}`, this.#account?.profile.id ?? null, error);
      if (policy.onStoreFailure === 'pass') return null;
      // RFC 5321 §3.1: a greeting is 220, 554 or 421.
      return serviceReply(stage === 'connect' ? 'storeUnavailableAtConnect' : 'storeUnavailable', this.id);
    }
  }

  #judge<S extends 'connect' | 'auth' | 'account'>(
    stage: S,
    facts: FactsOf[S],
    rules: EffectivePolicy,
    username: string | null = null,
  ): Reply | null {
    const words = this.context.policy().wordsFor(this.#account?.profile ?? null, this.id);
    const judgement = judge(stage, facts, rules, words);
    if (judgement.objections.length > 0) this.#record(stage, judgement, username);
    return judgement.reply;
  }

  #record(stage: Stage, judgement: Judgement, username: string | null): void {
    const refused = judgement.reply !== null;
    this.context.decided({
      ...emptyDecision(this, stage),
      username: username ?? this.#account?.identity.username ?? null,
      objections: judgement.objections,
      verdict: judgement.verdict,
      ending: refused ? 'refused' : 'accepted',
      reply: judgement.reply === null ? '' : toText(judgement.reply),
    });
  }
}
