import { performance } from 'node:perf_hooks';
import { Cluster, type Redis } from 'ioredis';
import { type Instant, StoreUnavailable } from '../contract.js';
import { type CallGroup, CallJoiner } from './call-joiner.js';
import { type Client, createClient } from './client.js';
import { inOneList } from './groups.js';
import type { RedisStoreOptions } from './options.js';
import { type Argument, answerTo, type OctetsReply, type ScriptCall } from './script-call.js';
import { ScriptCommand } from './script-command.js';
import { loadScripts, type Script, type ScriptName } from './scripts.js';

/** What Redis answers, nested arrays and all. */
export type RedisReply = string | number | null | readonly RedisReply[];

/** Connecting may take longer than a call. */
const OPEN_WITHIN_MS = 5000;

/**
 * The way to Redis. Every call has a time limit and fails with StoreUnavailable;
 * nothing is queued while there is no connection, and nothing is sent twice
 * unless Redis said that it did not execute it (NOSCRIPT, MOVED, ASK).
 */
export class Link {
  readonly isCluster: boolean;
  readonly #client: Client;
  readonly #scripts = loadScripts();
  readonly #callTimeoutMs: number;
  readonly #testClock: (() => Instant) | null;
  readonly #joiner: CallJoiner<Script>;
  #corked: { uncork(): void }[] = [];
  #lastError: Error | null = null;
  #closed = false;

  constructor(options: RedisStoreOptions) {
    this.#client = createClient(options);
    this.#client.on('error', (error: Error) => {
      this.#lastError = error;
    });
    this.isCluster = this.#client instanceof Cluster;
    // Beforehand, so that no first call of a script must be sent twice and falls behind later calls.
    if (this.#client instanceof Cluster) {
      this.#client.on('+node', (node: Redis) => node.on('ready', () => this.#loadInto(node)));
    } else {
      const single = this.#client;
      single.on('ready', () => this.#loadInto(single));
    }
    this.#joiner = new CallJoiner(
      (names) => (this.isCluster ? null : this.#scripts.joint(names)),
      (groups, calls, joint) => void this.#sendGroups(groups, calls, joint),
    );
    this.#callTimeoutMs = options.times.callTimeoutMs;
    this.#testClock = options.testClock ?? null;
  }

  /** Resolves when connected, to every node of a cluster. */
  async opened(): Promise<void> {
    const deadline = performance.now() + OPEN_WITHIN_MS;
    const client = this.#client;
    await this.#ready(client, deadline);
    if (client instanceof Cluster) {
      await Promise.all(client.nodes('master').map((node) => this.#ready(node, deadline)));
    }
  }

  /** Where it fails, NOSCRIPT does the same later. */
  #loadInto(node: Redis): void {
    for (const { source } of this.#scripts.all) node.call('SCRIPT', 'LOAD', source).catch(() => {});
  }

  async #ready(client: Client, deadline: number): Promise<void> {
    if (client.status === 'ready') return;
    await new Promise<void>((resolve, reject) => {
      const settle = () => {
        clearTimeout(timer);
        client.off('ready', onReady);
        client.off('error', onError);
      };
      const fail = () => {
        settle();
        reject(new StoreUnavailable('open', { cause: this.#lastError }));
      };
      const onReady = () => {
        settle();
        resolve();
      };
      const onError = (error: Error) => {
        this.#lastError = error;
        if (isFinal(error)) fail();
      };
      const timer = setTimeout(fail, Math.max(1, deadline - performance.now()));
      client.on('ready', onReady);
      client.on('error', onError);
    });
  }

  /** One Redis command. `verb` names the store's verb in errors. */
  command(verb: string, name: string, ...args: readonly (string | number)[]): Promise<RedisReply> {
    this.#joiner.flush();
    this.#joinWrites();
    return this.#limited(verb, this.#client.call(name, ...args) as Promise<RedisReply>);
  }

  /** One script call; every key must have the same hash tag where there is a cluster. */
  script(verb: string, name: ScriptName, keys: readonly string[], args: readonly Argument[]): Promise<RedisReply> {
    this.#joiner.flush();
    return this.#limited(verb, this.#runScript<RedisReply>(this.#scripts.one(name), keys, args, 'utf8'));
  }

  /** One that may run with others of this moment. */
  async joined<T>(verb: string, call: ScriptCall<T>): Promise<T> {
    const [settled] = await this.together(verb, [call]);
    return answerTo(call, settled);
  }

  /**
   * Script calls of one moment. Where their keys are on one server and it was
   * foreseen (`JOINT`), they run as one, and with those that others ask for in
   * the same turn. Resolves when all have settled: with how each did, in order,
   * for its `read`.
   */
  together(verb: string, calls: readonly ScriptCall<unknown>[]): Promise<readonly PromiseSettledResult<OctetsReply>[]> {
    return new Promise((settled) => this.#joiner.add({ verb, calls, settled }));
  }

  /** What scripts take as their clock: '' is the server's own. */
  clock(): string | number {
    return this.#testClock === null ? '' : this.#testClock();
  }

  /** The store's time, for what is judged here. */
  async now(verb: string): Promise<Instant> {
    if (this.#testClock !== null) return this.#testClock();
    const [seconds, micros] = (await this.command(verb, 'TIME')) as [string, string];
    return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
  }

  /** Ends the connection. Calls under way fail. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#joiner.flush();
    const client = this.#client;
    const nodes = client instanceof Cluster ? client.nodes() : [client];
    const gone = nodes.map((node) => closed(node));
    client.disconnect();
    for (const node of nodes) node.stream?.destroy();
    await Promise.all(gone);
  }

  async #sendGroups(groups: readonly CallGroup[], calls: CallGroup['calls'], joint: Script | null): Promise<void> {
    const outcomes =
      joint === null
        ? await Promise.allSettled(calls.map((call) => this.#alone(call)))
        : await this.#asOne(joint, calls);
    let taken = 0;
    for (const { verb, calls, settled } of groups) {
      settled(outcomes.slice(taken, taken + calls.length).map((outcome) => unavailable(verb, outcome)));
      taken += calls.length;
    }
  }

  #alone({ name, keys, args }: ScriptCall<unknown>): Promise<OctetsReply> {
    return this.#inTime(this.#runScript<OctetsReply>(this.#scripts.one(name), keys, args, null));
  }

  async #asOne(
    joint: Script,
    calls: readonly ScriptCall<unknown>[],
  ): Promise<readonly PromiseSettledResult<OctetsReply>[]> {
    const keys = inOneList(calls.map((call) => call.keys));
    const args = inOneList<Argument>([calls.map((call) => call.keys.length), ...calls.map((call) => call.args)]);
    try {
      const replies = await this.#inTime(this.#runScript<readonly OctetsReply[]>(joint, keys, args, null));
      return replies.map((value) => ({ status: 'fulfilled', value }));
    } catch (reason) {
      return calls.map(() => ({ status: 'rejected', reason }));
    }
  }

  async #runScript<T extends RedisReply | OctetsReply>(
    script: Script,
    keys: readonly string[],
    args: readonly Argument[],
    answersIn: 'utf8' | null,
  ): Promise<T> {
    try {
      return await this.#send<T>(new ScriptCommand('EVALSHA', script, keys, args, answersIn));
    } catch (error) {
      // Redis restarted, or is another one since a failover: it has executed nothing.
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
      return this.#send<T>(new ScriptCommand('EVAL', script, keys, args, answersIn));
    }
  }

  #send<T>(command: ScriptCommand): Promise<T> {
    this.#joinWrites();
    return this.#client.sendCommand(command) as Promise<T>;
  }

  /** Commands of one turn leave in one write. */
  #joinWrites(): void {
    if (this.#corked.length > 0) return;
    const client = this.#client;
    const nodes: readonly Redis[] = client instanceof Cluster ? client.nodes('master') : [client];
    for (const { stream } of nodes) {
      if (!stream) continue;
      stream.cork();
      this.#corked.push(stream);
    }
    process.nextTick(() => {
      const corked = this.#corked;
      this.#corked = [];
      for (const stream of corked) stream.uncork();
    });
  }

  async #limited<T>(verb: string, reply: Promise<T>): Promise<T> {
    try {
      return await this.#inTime(reply);
    } catch (cause) {
      throw new StoreUnavailable(verb, { cause });
    }
  }

  #inTime<T>(reply: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no answer within ${this.#callTimeoutMs} ms`)),
        this.#callTimeoutMs,
      );
      reply.then(
        (value) => {
          clearTimeout(timer);
          resolve(value);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(error);
        },
      );
    });
  }
}

function unavailable(
  verb: string,
  outcome: PromiseSettledResult<OctetsReply> | undefined,
): PromiseSettledResult<OctetsReply> {
  if (outcome?.status === 'fulfilled') return outcome;
  return { status: 'rejected', reason: new StoreUnavailable(verb, { cause: outcome?.reason }) };
}

/** Refused for who we are (a wrong password, a certificate), where waiting helps nobody. Errors of the network have a `syscall`. */
function isFinal(error: Error): boolean {
  return error.name === 'ReplyError' || ('code' in error && !('syscall' in error));
}

function closed(client: Redis): Promise<void> {
  if (client.status === 'end' || !client.stream || client.stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => client.stream.once('close', () => resolve()));
}
