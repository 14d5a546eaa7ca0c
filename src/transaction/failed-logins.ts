import { clientNetwork } from '../account/client-network.js';
import type { EffectivePolicy } from '../policy/engine.js';
import type { LimitScope } from '../policy/rule.js';
import type { WindowUsage } from '../store/contract.js';
import type { TransactionContext } from './context.js';

/** Failed log-ins, counted by the client's network, by the name that was tried, and by both together. */
export class FailedLogins {
  constructor(private readonly context: Pick<TransactionContext, 'store' | 'clock'>) {}

  /** How many there were, of those scopes that the rules limit. */
  async usage(
    rules: EffectivePolicy,
    scopes: readonly LimitScope[],
    address: string,
    username: string,
  ): Promise<readonly WindowUsage[]> {
    const now = this.context.clock.now();
    const asked = subjectsOf(address, username)
      .filter(({ scope }) => scopes.includes(scope))
      .map(({ subject, scope }) => ({ subject, limits: rules.limitsOf(scope, null, now) }))
      .filter(({ limits }) => limits.length > 0);
    if (asked.length === 0) return [];
    return (await this.context.store.meters(asked)).flat();
  }

  /** Counts one more, as far as the store is there to do so. */
  async add(rules: EffectivePolicy, address: string, username: string): Promise<void> {
    const charges = subjectsOf(address, username).flatMap(({ subject, scope }) => {
      const limits = rules.limitsOf(scope, null, this.context.clock.now());
      return limits.length === 0 ? [] : [this.context.store.charge(subject, limits, 1)];
    });
    await Promise.allSettled(charges);
  }
}

function subjectsOf(address: string, username: string) {
  const client = clientNetwork(address);
  // Mail programs differ in the case of what people type; a guesser must not gain by it.
  const name = username.toLowerCase();
  return [
    { subject: `client:${client}`, scope: 'client-failures' },
    { subject: `client-username:${client} ${name}`, scope: 'client-username-failures' },
    { subject: `username:${name}`, scope: 'username-failures' },
  ] as const;
}
