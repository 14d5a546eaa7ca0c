import type { Store } from '../store/contract.js';
import { storeWrappedBy } from '../store/wrapped.js';
import type { Metrics } from './metrics.js';

/** The same store, each call of it measured by its verb. */
export function timedStore(store: Store, metrics: Pick<Metrics, 'timeStore' | 'storeFailed'>): Store {
  return storeWrappedBy(store, (verb, call) => {
    const began = performance.now();
    const answer = call();
    answer.then(
      () => metrics.timeStore(verb, performance.now() - began),
      () => {
        metrics.timeStore(verb, performance.now() - began);
        metrics.storeFailed(verb);
      },
    );
    return answer;
  });
}
