/** Which facts a rule looks at: found by watching it judge, so that no rule has to say it a second time. */

export interface Watched<F> {
  /** Behaves as `facts`. */
  readonly facts: F;
  /** What was looked at so far, by name (`account.state`), in order. */
  readonly seen: ReadonlyMap<string, unknown>;
}

/** Groups of facts, whose members are told rather than the whole. */
const GROUPS: ReadonlySet<string> = new Set(['account', 'client', 'message']);

export function watch<F extends object>(facts: F): Watched<F> {
  const seen = new Map<string, unknown>();
  return { facts: watched(facts, '', seen), seen };
}

function watched<T extends object>(target: T, prefix: string, seen: Map<string, unknown>): T {
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name);
      if (typeof name === 'symbol') return value;
      if (prefix === '' && GROUPS.has(name) && typeof value === 'object' && value !== null) {
        return watched(value, `${name}.`, seen);
      }
      seen.set(prefix + name, value);
      return value;
    },
  });
}
