import type { AccountId } from '../store/contract.js';
import type { TransactionContext } from './context.js';

/** A call that no reply waits for. Its failure is told, and goes no further. */
export function inBackground(
  context: Pick<TransactionContext, 'backgroundFailure'>,
  what: string,
  account: AccountId | null,
  call: Promise<unknown>,
): void {
  call.catch((error: unknown) => context.backgroundFailure(what, account, error));
}
