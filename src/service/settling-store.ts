import type { Store } from '../store/contract.js';
import { storeWrappedBy } from '../store/wrapped.js';

/** A store that can be asked whether everything it was told has been done. */
export interface SettlingStore {
  readonly store: Store;
  /** Resolves when no call is under way; each call has its own time limit. */
  settled(): Promise<void>;
}

/**
 * What a transaction gives back it does not wait for. Before the store is
 * closed somebody must, or what clients held who were cut off at a stop would
 * stay held until its lease ran out.
 */
export function settlingStore(store: Store): SettlingStore {
  const underWay = new Set<Promise<unknown>>();
  return {
    store: storeWrappedBy(store, (_verb, call) => {
      const answer = call();
      underWay.add(answer);
      const done = (): void => void underWay.delete(answer);
      answer.then(done, done);
      return answer;
    }),
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}
