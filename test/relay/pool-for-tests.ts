import type { ClientIdentity, PathCommand, RelayPool, RelaySession } from '../../src/relay/contract.js';
import { DEFAULT_TIMEOUTS, type RelayLog, type RelayPoolOptions, type RelayTimeouts } from '../../src/relay/options.js';
import { createRelayPool } from '../../src/relay/pool.js';

export type PoolSettings = Omit<Partial<RelayPoolOptions>, 'timeouts'> & { readonly timeouts?: Partial<RelayTimeouts> };

export interface LogLine {
  readonly level: 'debug' | 'info' | 'warn';
  readonly fields: object;
  readonly message: string;
}

/** Keeps what is logged. */
export function keepingLog(): RelayLog & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: LogLine['level']) => (fields: object, message: string) => {
    lines.push({ level, fields, message });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn') };
}

export function poolOptions(port: number, settings: PoolSettings = {}): RelayPoolOptions {
  return {
    hosts: [{ host: '127.0.0.1', port }],
    strategy: 'preference',
    name: 'sluice.example',
    tls: { mode: 'off' },
    implicitTls: false,
    auth: null,
    identity: 'none',
    limit: 4,
    maxIdle: 4,
    idleTimeoutMs: 30_000,
    maxTransactionsPerConnection: 100,
    retryAfterMs: { first: 20, longest: 100 },
    ...settings,
    timeouts: { ...DEFAULT_TIMEOUTS, ...settings.timeouts },
  };
}

/** A pool for the relay on this port, closed with the test. */
export function startPool(
  t: { teardown(end: () => unknown): unknown },
  port: number,
  settings: PoolSettings = {},
  log: RelayLog = keepingLog(),
): RelayPool {
  const pool = createRelayPool(poolOptions(port, settings), log);
  t.teardown(() => pool.close());
  return pool;
}

export const CLIENT: ClientIdentity = {
  address: '192.0.2.7',
  port: 40_001,
  name: 'client.example',
  helo: 'mail.client.example',
  protocol: 'ESMTP',
  login: null,
  ident: 'T1',
};

export function path(mailbox: string, ...parameters: string[]): PathCommand {
  return { path: `<${mailbox}>`, parameters };
}

/** A whole transaction; the relay's last reply. */
export async function sendMessage(session: RelaySession, wire: string, to = 'b@example.net') {
  await session.mail(path('a@example.com'));
  await session.recipients([path(to)]);
  await session.data();
  const reply = await session.finish(Buffer.from(wire, 'latin1'));
  session.release();
  return reply;
}
