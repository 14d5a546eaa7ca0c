import type { DoorContext, ListenAddress } from '../contract.js';
import type { Wants } from './negotiation.js';

/** One place where MTAs connect. */
export interface MilterListener {
  readonly name: string;
  readonly address: ListenAddress;
  /** Permissions of a unix socket; null: as the umask has them. */
  readonly mode: number | null;
  /** MTAs that may connect: whoever may says who the client is. */
  isPeer(address: string): boolean;
  readonly maxConnections: number;
}

export interface MilterSettings {
  /** What the rules that are on need of a message, in any policy. */
  readonly content: Wants['content'];
  /** What becomes of a whole message that a rule refuses for good. */
  readonly refusedMessages: 'reject' | 'quarantine';
  /** Name of the field that carries the transaction id into the message; null: none. */
  readonly traceField: string | null;
  /** Bulk mail that offers no way to leave gets one. */
  readonly addsFields: boolean;
  /** A connection that says nothing for so long is closed, ms: an MTA waits for its client between commands. */
  readonly idleTimeoutMs: number;
  /** A packet that has begun must be whole within so long, and a response be taken, ms. */
  readonly packetTimeoutMs: number;
  /** At the end of a message: how often the MTA hears that we are still at it, ms. */
  readonly progressMs: number;
}

export interface MilterDoorContext extends DoorContext {
  /** As they are now: they may change at a reload. */
  settings(): MilterSettings;
  listener(name: string): MilterListener;
}
