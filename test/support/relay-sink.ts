/**
 * A scriptable SMTP server for tests, on bare sockets so that every byte of the
 * relay's side is exact: what it says, when it says it, and when it goes away.
 */

import net from 'node:net';
import tls from 'node:tls';
import { freePort } from './free-port.js';
import type { SinkCommand, SinkMessage, SinkScript } from './relay-sink-script.js';
import { SinkSession } from './relay-sink-session.js';

export type { SinkAction, SinkCommand, SinkMessage, SinkRecipient, SinkScript, SinkStep } from './relay-sink-script.js';
export type { SinkSession } from './relay-sink-session.js';

export interface RelaySink {
  readonly port: number;
  /** May be changed at any time; read anew at each step. */
  script: SinkScript;
  /** Those that were answered 2xx: what the relay is answerable for. */
  readonly messages: SinkMessage[];
  /** All whose final dot arrived, however they were answered. */
  readonly ended: SinkMessage[];
  readonly commands: SinkCommand[];
  readonly sessions: SinkSession[];
  readonly openSessions: number;
  /** The next message that this function has not given yet. */
  nextMessage(timeoutMs?: number): Promise<SinkMessage>;
  /** The next command of this verb that this function has not given yet. */
  nextCommand(verb: string, timeoutMs?: number): Promise<SinkCommand>;
  /** Resolves when the condition holds; looked at after each event of the sink. */
  until(condition: () => boolean, what: string, timeoutMs?: number): Promise<void>;
  /** Stops listening and drops all connections. */
  stop(): Promise<void>;
  /** Listens again on the same port. */
  restart(): Promise<void>;
}

interface Teardown {
  teardown(end: () => unknown): unknown;
}

/** Starts a sink on a free port of 127.0.0.1, or on `path`; it ends with the test. */
export async function startRelaySink(t: Teardown, script: SinkScript = {}, path?: string): Promise<RelaySink> {
  const sink = new Sink(script, path);
  await sink.restart();
  t.teardown(() => sink.stop());
  return sink;
}

class Sink implements RelaySink {
  port = 0;
  readonly messages: SinkMessage[] = [];
  readonly ended: SinkMessage[] = [];
  readonly commands: SinkCommand[] = [];
  readonly sessions: SinkSession[] = [];
  readonly #open = new Set<SinkSession>();
  readonly #taken = new Map<string, number>();
  readonly #watchers = new Set<() => void>();
  #server: net.Server | null = null;

  constructor(
    public script: SinkScript,
    private readonly path: string | undefined,
  ) {}

  get openSessions(): number {
    return this.#open.size;
  }

  async nextMessage(timeoutMs?: number): Promise<SinkMessage> {
    const position = this.#take('message');
    await this.until(() => this.messages.length > position, `message ${position + 1}`, timeoutMs);
    return this.messages[position] as SinkMessage;
  }

  async nextCommand(verb: string, timeoutMs?: number): Promise<SinkCommand> {
    const position = this.#take(verb);
    const found = () => this.commands.filter((command) => command.verb === verb)[position];
    await this.until(() => found() !== undefined, `${verb} number ${position + 1}`, timeoutMs);
    return found() as SinkCommand;
  }

  until(condition: () => boolean, what: string, timeoutMs = 60_000): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#watchers.delete(look);
        const seen = this.commands.map((command) => command.verb).join(' ');
        reject(new Error(`the sink waited ${timeoutMs} ms for ${what}; it heard: ${seen}`));
      }, timeoutMs);
      const look = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
    });
  }

  async stop(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    for (const session of this.#open) session.destroy();
    if (server !== null) await new Promise((resolve) => server.close(resolve));
  }

  async restart(): Promise<void> {
    if (this.path === undefined && this.port === 0) this.port = await freePort();
    const server = net.createServer({ noDelay: true }, (socket) => this.#connected(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      if (this.path === undefined) server.listen(this.port, '127.0.0.1', resolve);
      else server.listen(this.path, resolve);
    });
  }

  #connected(socket: net.Socket): void {
    const session = new SinkSession(this.sessions.length + 1, {
      script: () => this.script,
      command: (command) => {
        this.commands.push(command);
        this.#look();
      },
      ended: (message) => {
        this.ended.push(message);
        this.#look();
      },
      accepted: (message) => {
        this.messages.push(message);
        this.#look();
      },
      closed: () => {
        this.#open.delete(session);
        this.#look();
      },
    });
    this.sessions.push(session);
    this.#open.add(session);
    const { implicitTls, tls: secure } = this.script;
    if (implicitTls === true && secure !== undefined) {
      socket.on('error', () => {});
      session.start(new tls.TLSSocket(socket, { isServer: true, ...secure }), true);
    } else {
      session.start(socket, false);
    }
    this.#look();
  }

  #take(what: string): number {
    const position = this.#taken.get(what) ?? 0;
    this.#taken.set(what, position + 1);
    return position;
  }

  #look(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }
}
