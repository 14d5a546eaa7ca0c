import {
  type ClientIdentity,
  type PathCommand,
  type RelayCapabilities,
  RelayFailure,
  type RelayPool,
  type RelaySession,
} from '../relay/contract.js';
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
    acquire: async (client: ClientIdentity) => {
      const began = performance.now();
      return new TimedSession(await timed(metrics, 'acquire', began, pool.acquire(client)), metrics);
    },
  };
}

/** A class, since one is made for each message: an object with a getter or function for each member cost 8 µs more. */
class TimedSession implements RelaySession {
  constructor(
    private readonly session: RelaySession,
    private readonly metrics: Meters,
  ) {}

  get capabilities(): RelayCapabilities {
    return this.session.capabilities;
  }

  get relay(): string {
    return this.session.relay;
  }

  mail(command: PathCommand): ReturnType<RelaySession['mail']> {
    const began = performance.now();
    return timed(this.metrics, 'mail', began, this.session.mail(command));
  }

  recipients(commands: readonly PathCommand[]): ReturnType<RelaySession['recipients']> {
    const began = performance.now();
    return timed(this.metrics, 'recipients', began, this.session.recipients(commands));
  }

  envelope(mail: PathCommand, recipients: readonly PathCommand[]): ReturnType<RelaySession['envelope']> {
    const began = performance.now();
    return timed(this.metrics, 'recipients', began, this.session.envelope(mail, recipients));
  }

  data(): ReturnType<RelaySession['data']> {
    const began = performance.now();
    return timed(this.metrics, 'data', began, this.session.data());
  }

  write(chunk: Buffer): Promise<void> {
    return this.session.write(chunk);
  }

  finish(wire: Buffer): ReturnType<RelaySession['finish']> {
    const began = performance.now();
    return timed(this.metrics, 'final-dot', began, this.session.finish(wire));
  }

  release(): void {
    this.session.release();
  }

  abandon(): void {
    this.session.abandon();
  }

  onClosed(listener: () => void): void {
    this.session.onClosed(listener);
  }
}

/** Gives the very step that it measures, on which it only looks: whoever awaits it waits no turn longer. */
function timed<T>(metrics: Meters, stage: RelayStage, began: number, step: Promise<T>): Promise<T> {
  step.then(
    () => metrics.timeRelay(stage, performance.now() - began),
    (error: unknown) => {
      if (error instanceof RelayFailure) metrics.relayFailed(error.stage);
      metrics.timeRelay(stage, performance.now() - began);
    },
  );
  return step;
}
