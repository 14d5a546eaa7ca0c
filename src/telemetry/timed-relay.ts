import { RelayFailure, type RelayPool, type RelaySession } from '../relay/contract.js';
import type { Metrics, RelayStage } from './metrics.js';

type Meters = Pick<Metrics, 'timeRelay' | 'relayFailed'>;

/** The same pool, what its relays take for each step measured. */
export function timedRelay(pool: RelayPool, metrics: Meters): RelayPool {
  return {
    get capabilities() {
      return pool.capabilities;
    },
    get usage() {
      return pool.usage;
    },
    get hosts() {
      return pool.hosts;
    },
    probe: () => pool.probe(),
    close: () => pool.close(),
    acquire: async (client) => timedSession(await timed(metrics, 'acquire', () => pool.acquire(client)), metrics),
  };
}

function timedSession(session: RelaySession, metrics: Meters): RelaySession {
  return {
    get capabilities() {
      return session.capabilities;
    },
    get relay() {
      return session.relay;
    },
    mail: (command) => timed(metrics, 'mail', () => session.mail(command)),
    recipients: (commands) => timed(metrics, 'recipients', () => session.recipients(commands)),
    envelope: (mail, recipients) => timed(metrics, 'recipients', () => session.envelope(mail, recipients)),
    data: () => timed(metrics, 'data', () => session.data()),
    write: (chunk) => session.write(chunk),
    finish: (wire) => timed(metrics, 'final-dot', () => session.finish(wire)),
    release: () => session.release(),
    abandon: () => session.abandon(),
    onClosed: (listener) => session.onClosed(listener),
  };
}

async function timed<T>(metrics: Meters, stage: RelayStage, step: () => Promise<T>): Promise<T> {
  const began = performance.now();
  try {
    return await step();
  } catch (error) {
    if (error instanceof RelayFailure) metrics.relayFailed(error.stage);
    throw error;
  } finally {
    metrics.timeRelay(stage, performance.now() - began);
  }
}
