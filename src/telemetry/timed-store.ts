import type { Store } from '../store/contract.js';
import type { Metrics } from './metrics.js';

/** The same store, each call of it measured by its verb. */
export function timedStore(store: Store, metrics: Pick<Metrics, 'timeStore' | 'storeFailed'>): Store {
  return new Proxy(store, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return (...args: unknown[]): unknown => {
        const began = performance.now();
        const answer: unknown = Reflect.apply(member, target, args);
        if (!(answer instanceof Promise)) return answer;
        const measured = answer.finally(() => metrics.timeStore(name, performance.now() - began));
        measured.catch(() => metrics.storeFailed(name));
        return measured;
      };
    },
  });
}
