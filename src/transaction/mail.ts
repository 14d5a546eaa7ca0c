import type { MailFacts } from '../policy/rule.js';
import type { Address } from '../smtp/address.js';
import type { AccountState, Reputation } from '../store/contract.js';
import { accountFacts, unknownState } from './account-facts.js';
import type { KnownAccount } from './known-account.js';
import type { Session } from './session.js';
import type { StoreClock } from './store-clock.js';

/** What MAIL said, and what is known of who says it. */
export class Mail {
  /** Null: the null reverse-path, or none yet. */
  reversePath: Address | null = null;
  /** As the client wrote it; null before MAIL. */
  spelling: string | null = null;
  declaredSize: number | null = null;
  /** ENVID (RFC 3461 §4.4). */
  envid: string | null = null;
  /** Null while the store has not told. */
  state: AccountState | null = null;
  /** Null where no rule asks. */
  reputation: Reputation | null = null;

  constructor(
    private readonly session: Session,
    private readonly account: KnownAccount,
    private readonly clock: StoreClock,
  ) {}

  facts(): MailFacts {
    const { profile } = this.account;
    return {
      client: this.session.client,
      now: this.clock.now(),
      account: accountFacts(profile, this.state ?? unknownState(profile.id)),
      reversePath: this.reversePath,
      declaredSize: this.declaredSize,
      reputation: this.reputation ?? undefined,
    };
  }
}
