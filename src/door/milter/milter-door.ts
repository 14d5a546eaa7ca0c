import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { newSessionId } from '../../transaction/ids.js';
import type { Door, ListenAddress } from '../contract.js';
import { listenOptions } from '../listen-options.js';
import { Callers } from './callers.js';
import { MilterConnection } from './milter-connection.js';
import type { MilterDoorContext } from './settings.js';

/** One listener for the milter protocol: accepts MTAs, and ends their connections gracefully. */
export class MilterDoor implements Door {
  readonly #server: Server;
  readonly #live = new Set<MilterConnection>();
  readonly #callers = new Callers();

  constructor(
    readonly name: string,
    private readonly context: MilterDoorContext,
  ) {
    this.#server = createServer((socket) => this.#accept(socket));
  }

  get address(): ListenAddress {
    const { address } = this.context.listener(this.name);
    const bound = this.#server.address();
    return 'path' in address || bound === null || typeof bound === 'string'
      ? address
      : { ...address, port: bound.port };
  }

  async open(): Promise<void> {
    const { address, mode, maxConnections } = this.context.listener(this.name);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(listenOptions(address, maxConnections), () => {
        this.#server.off('error', reject);
        // A connection that cannot be taken is the MTA's trouble, and it will say so.
        this.#server.on('error', () => undefined);
        resolve();
      });
    });
    if ('path' in address && mode !== null) await chmod(address.path, mode);
  }

  reconfigure(): void {}

  async drain(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#live) connection.drain();
    const cutOff = setTimeout(() => {
      for (const connection of this.#live) connection.cutOff('shutting down');
    }, graceMs);
    await closed;
    clearTimeout(cutOff);
    await Promise.all([...this.#live].map((connection) => connection.ended));
  }

  #accept(socket: Socket): void {
    const { isPeer, maxConnections } = this.context.listener(this.name);
    const client = socket.remoteAddress ?? 'unix';
    if (!isPeer(client)) return this.#turnAway(socket, client, 'not an MTA of `peers`');
    if (this.#live.size >= maxConnections) return this.#turnAway(socket, client, 'too many connections of MTAs');
    const connection = new MilterConnection(socket, this.context, this.name, this.#callers);
    this.#live.add(connection);
    void connection.ended.then(() => this.#live.delete(connection));
  }

  #turnAway(socket: Socket, client: string, reason: string): void {
    socket.on('error', () => undefined);
    socket.destroy();
    this.context.cutOff({ session: newSessionId(), listener: this.name, client, reason });
  }
}
