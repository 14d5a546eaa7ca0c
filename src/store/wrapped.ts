import type { Store } from './contract.js';

/**
 * The same store, `around` being asked at each call of a verb; it makes the call
 * and gives what it gave. Each verb is wrapped once, not at each call: several
 * are called for each message.
 */
export function storeWrappedBy(
  store: Store,
  around: (verb: string, call: () => Promise<unknown>) => Promise<unknown>,
): Store {
  const wrapped = new Map<string, unknown>();
  return new Proxy(store, {
    get(target, verb) {
      if (typeof verb !== 'string') return Reflect.get(target, verb);
      const known = wrapped.get(verb);
      if (known !== undefined) return known;
      const member: unknown = Reflect.get(target, verb);
      if (typeof member !== 'function') return member;
      const call = (...args: unknown[]) => around(verb, () => Reflect.apply(member, target, args) as Promise<unknown>);
      wrapped.set(verb, call);
      return call;
    },
  });
}
