import type { Connection } from '../../account/contract.js';
import type { Reply } from '../../smtp/reply.js';
import { Session } from '../../transaction/session.js';
import { clientIdentity } from './client-identity.js';
import type { Command } from './command.js';
import type { Macros } from './macros.js';
import type { MilterDoorContext } from './settings.js';

/**
 * One SMTP client as its MTA tells of it: from when it connected until it has
 * left, one `Session` of ours. Who it is may change between two MAILs: what it
 * authenticated as is told with each.
 */
export class MtaClient {
  readonly session: Session;
  /** It was refused as it connected: what it hears to every MAIL. */
  refusal: Reply | null = null;
  #identity: Connection;

  /** @param macros of the connection to the MTA, as they go on changing */
  constructor(
    private readonly door: Pick<MilterDoorContext, 'transactions' | 'sessionOpened' | 'sessionClosed'>,
    private readonly listener: string,
    private readonly connect: Extract<Command, { kind: 'connect' }>,
    private readonly macros: Macros,
  ) {
    this.#identity = clientIdentity(connect, macros, listener);
    this.session = new Session(door.transactions, this.#identity);
    door.sessionOpened(listener);
  }

  /** Who it is by now: null at once if that is who it was, else what is said to whom it has become, null if nothing. */
  identify(): null | Promise<Reply | null> {
    const identity = clientIdentity(this.connect, this.macros, this.listener);
    if (sameClient(identity, this.#identity)) return null;
    this.#identity = identity;
    return this.session.reconnect(identity);
  }

  /** It has left, or the MTA has. */
  close(): void {
    this.door.sessionClosed(this.listener);
    this.session.close();
  }
}

function sameClient(one: Connection, other: Connection): boolean {
  return (
    one.address === other.address &&
    one.mta?.login === other.mta?.login &&
    one.mta?.daemon === other.mta?.daemon &&
    one.certificate?.subject === other.certificate?.subject
  );
}
