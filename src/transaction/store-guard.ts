import type { Reply } from '../smtp/reply.js';
import { serviceReply } from '../smtp/service-replies.js';
import { type AccountId, StoreUnavailable } from '../store/contract.js';
import type { PolicyContext, TransactionContext } from './context.js';

/** What one transaction does while the store is away: the setting decides whether it passes unjudged. */
export class StoreGuard {
  #skipped = false;

  constructor(
    private readonly context: TransactionContext,
    private readonly policy: Pick<PolicyContext, 'onStoreFailure'>,
    private readonly transaction: { readonly id: string; readonly account: AccountId },
  ) {}

  /** Something was not judged, since the store was away. */
  get skipped(): boolean {
    return this.#skipped;
  }

  /** Gives what was answered, or the reply that the store's absence is worth; null: it passes. */
  async run(ask: () => Promise<Reply | null>): Promise<Reply | null> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.context.backgroundFailure('judging', this.transaction.account, error);
      this.#skipped = true;
      return this.policy.onStoreFailure === 'pass' ? null : serviceReply('storeUnavailable', this.transaction.id);
    }
  }
}
