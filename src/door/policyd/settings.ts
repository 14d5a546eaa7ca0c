import type { Charging } from '../../transaction/room.js';
import type { DoorContext, ListenAddress } from '../contract.js';

/** One place where Postfixes connect. */
export interface PolicydListener {
  readonly name: string;
  readonly address: ListenAddress;
  /** Permissions of a unix socket; null: as the umask has them. */
  readonly mode: number | null;
  /** Postfixes that may connect: whoever may says who the client is. */
  isPeer(address: string): boolean;
  readonly maxConnections: number;
}

export interface PolicydSettings {
  readonly charge: Charging;
  /** Name of the field that carries the transaction id into the message; null: none. */
  readonly traceField: string | null;
  /** A connection is closed after so many, between two messages. */
  readonly maxRequests: number;
  /** A request that has begun must be whole within so long, ms. */
  readonly requestTimeoutMs: number;
  /** A connection that asks nothing for so long is closed, ms. */
  readonly idleTimeoutMs: number;
  /** A message of which nothing was heard for so long is over, ms. */
  readonly messageTimeoutMs: number;
}

export interface PolicydDoorContext extends DoorContext {
  /** As they are now: they may change at a reload. */
  settings(): PolicydSettings;
  listener(name: string): PolicydListener;
  /** Something is set up in a way that was hardly meant. */
  advise(listener: string, advice: string): void;
}
