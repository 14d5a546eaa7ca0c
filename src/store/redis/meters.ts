import type { AccountId, MeterSubject, SessionAnswer, SessionRequest, Store, StoreTimes } from '../contract.js';
import type { WindowLimit, WindowUsage } from '../window.js';
import { groupByCall } from './groups.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import { limitsArgument, Numbers, readUsage } from './window-codec.js';

type Session = Pick<SessionRequest, 'session' | 'subject'>;

/** Counts without holds: reading windows, meters, sessions. */
export class Meters {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly times: Pick<StoreTimes, 'sessionTtlMs'>,
  ) {}

  async usage(account: AccountId, limits: readonly WindowLimit[]): Promise<readonly WindowUsage[]> {
    const [usage = []] = await this.#read('usage', [{ key: this.keys.accountWindows(account), limits }]);
    return usage;
  }

  async meters(asked: Parameters<Store['meters']>[0]): ReturnType<Store['meters']> {
    return this.#read(
      'meters',
      asked.map(({ subject, limits }) => ({ key: this.keys.meterWindows(subject), limits })),
    );
  }

  async charge(subject: MeterSubject, limits: readonly WindowLimit[], amount: number): Promise<readonly WindowUsage[]> {
    const args = [this.link.clock(), amount, limitsArgument(limits)];
    return this.link.joined('charge', {
      name: 'charge-meter',
      keys: [this.keys.meterWindows(subject)],
      args,
      read: (reply) => readUsage(Numbers.in(reply as Buffer), limits),
    });
  }

  async openSession({ session, subject, concurrent, limits }: SessionRequest): Promise<SessionAnswer> {
    const args = [
      ...[this.link.clock(), session, this.times.sessionTtlMs, concurrent?.count ?? -1, concurrent?.enforced ? 1 : 0],
      limitsArgument(limits),
    ];
    return this.link.joined('openSession', {
      name: 'open-session',
      keys: this.#sessionKeys(subject),
      args,
      read(reply) {
        const numbers = Numbers.in(reply as Buffer);
        return { granted: numbers.next() === 1, concurrent: numbers.next(), usage: readUsage(numbers, limits) };
      },
    });
  }

  async renewSessions(sessions: readonly Session[]): Promise<void> {
    const calls = groupByCall(sessions, this.link.isCluster).map((group) =>
      this.link.script(
        'renewSessions',
        'renew-sessions',
        group.map(({ subject }) => this.#sessionKeys(subject)[1]),
        [this.link.clock(), this.times.sessionTtlMs, ...group.map(({ session }) => session)],
      ),
    );
    await Promise.all(calls);
  }

  async closeSession({ session, subject }: Session): Promise<void> {
    await this.link.joined('closeSession', {
      name: 'close-session',
      keys: [this.#sessionKeys(subject)[1]],
      args: [session],
      read: () => undefined,
    });
  }

  async #read(
    verb: string,
    asked: readonly { readonly key: string; readonly limits: readonly WindowLimit[] }[],
  ): Promise<readonly (readonly WindowUsage[])[]> {
    const calls = groupByCall(asked, this.link.isCluster).map((group) =>
      this.link.joined(verb, {
        name: 'read-windows',
        keys: group.map(({ key }) => key),
        args: [this.link.clock(), ...group.map(({ limits }) => limitsArgument(limits))],
        read(reply) {
          const numbers = Numbers.in(reply as Buffer);
          return group.map(({ limits }) => readUsage(numbers, limits));
        },
      }),
    );
    return (await Promise.all(calls)).flat();
  }

  /** Windows of new sessions, and the sessions. */
  #sessionKeys(subject: SessionRequest['subject']): [string, string] {
    if (subject.startsWith('account:')) {
      const account = subject.slice('account:'.length);
      return [this.keys.accountWindows(account), this.keys.accountSessions(account)];
    }
    const client = subject as `client:${string}`;
    return [this.keys.meterWindows(client), this.keys.clientSessions(client)];
  }
}
