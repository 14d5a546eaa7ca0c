/** A TCP proxy that breaks, slows and splits what goes through it, as the seed says. */

import { once } from 'node:events';
import net from 'node:net';
import type { CutEntry } from './books.js';
import { type Random, randomOf } from './random.js';

export interface ProxySettings {
  readonly seed: number;
  readonly leg: CutEntry['leg'];
  /** Share of the connections that are cut; they are kept open for many messages. */
  readonly cuts: number;
  /** Share of the connections whose every piece is delayed. */
  readonly delays: number;
  /** Where to go now; null: nowhere, and the connection is refused. */
  target(): { readonly port: number; readonly localAddress?: string } | null;
}

interface Plan {
  /** Cut when so many octets went in one direction; infinite: never. */
  readonly cutAfter: { readonly up: number; readonly down: number };
  readonly reset: boolean;
  readonly split: boolean;
  readonly delayMs: number;
}

const PEACE: Plan = {
  cutAfter: { up: Number.POSITIVE_INFINITY, down: Number.POSITIVE_INFINITY },
  reset: false,
  split: false,
  delayMs: 0,
};

export class ChaosProxy {
  readonly cuts: CutEntry[] = [];
  readonly counts: Record<string, number> = {};
  readonly #links = new Set<Link>();
  readonly #server: net.Server;
  #connections = 0;
  #calm = false;
  port = 0;

  constructor(private readonly settings: ProxySettings) {
    this.#server = net.createServer({ noDelay: true, pauseOnConnect: true, allowHalfOpen: true }, (socket) =>
      this.#connected(socket),
    );
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (address !== null && typeof address === 'object') this.port = address.port;
  }

  get open(): number {
    return this.#links.size;
  }

  /** New and present connections are left in peace. */
  behave(): void {
    this.#calm = true;
    for (const link of this.#links) link.plan = PEACE;
  }

  /** Cuts every connection that is open now. */
  cutAll(): void {
    for (const link of [...this.#links]) link.cut();
  }

  async close(): Promise<void> {
    for (const link of [...this.#links]) link.cut();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  #connected(client: net.Socket): void {
    this.#connections += 1;
    const target = this.settings.target();
    client.on('error', () => undefined);
    if (target === null) {
      client.resetAndDestroy();
      return;
    }
    const { seed, leg } = this.settings;
    const plan = this.#calm ? PEACE : planOf(randomOf(seed, leg, this.#connections), this.settings);
    const server = net.connect({ ...target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const link = new Link(client, server, plan, (why) => {
      this.#links.delete(link);
      if (why === null) return;
      this.counts[`${leg} ${why}`] = (this.counts[`${leg} ${why}`] ?? 0) + 1;
      this.cuts.push({ leg, port: link.port, openedAt: link.openedAt, cutAt: Date.now() });
    });
    this.#links.add(link);
  }
}

function planOf(random: Random, { cuts, delays }: ProxySettings): Plan {
  // Evenly spread over the orders of magnitude, so that some cuts fall into the greeting and some into a tenth message.
  const after = () => Math.floor(10 ** (random.next() * 5));
  const cut = random.chance(cuts);
  const upward = random.chance(0.5);
  return {
    cutAfter: {
      up: cut && upward ? after() : Number.POSITIVE_INFINITY,
      down: cut && !upward ? Math.ceil(after() / 10) : Number.POSITIVE_INFINITY,
    },
    reset: random.chance(0.5),
    split: random.chance(0.2),
    delayMs: random.chance(delays) ? random.whole(1, 40) : 0,
  };
}

/** One connection through the proxy. */
class Link {
  readonly openedAt = Date.now();
  port = 0;
  #over = false;
  readonly #passed = { up: 0, down: 0 };

  constructor(
    private readonly client: net.Socket,
    private readonly server: net.Socket,
    public plan: Plan,
    /** `why`: what the proxy did; null: one of the ends closed. */
    private readonly ended: (why: string | null) => void,
  ) {
    server.on('error', () => undefined);
    server.once('connect', () => {
      this.port = server.localPort ?? 0;
      this.#pass(client, server, 'up');
      this.#pass(server, client, 'down');
      client.resume();
    });
    client.once('close', () => this.#end(null));
    server.once('close', () => this.#end(null));
  }

  cut(why = 'connections cut by the injector'): void {
    if (this.#over) return;
    if (this.plan.reset) {
      this.client.resetAndDestroy();
      this.server.resetAndDestroy();
    }
    this.#end(why);
  }

  #end(why: string | null): void {
    if (this.#over) return;
    this.#over = true;
    this.client.destroy();
    this.server.destroy();
    this.ended(why);
  }

  #pass(from: net.Socket, to: net.Socket, direction: 'up' | 'down'): void {
    let last = Promise.resolve();
    from.on('data', (chunk: Buffer) => {
      from.pause();
      last = last.then(() => this.#forward(chunk, to, direction)).then(() => void from.resume());
    });
    from.once('end', () => {
      last = last.then(() => void to.end());
    });
  }

  async #forward(chunk: Buffer, to: net.Socket, direction: 'up' | 'down'): Promise<void> {
    if (this.plan.delayMs > 0) await new Promise((resolve) => setTimeout(resolve, this.plan.delayMs));
    if (this.#over) return;
    const left = this.plan.cutAfter[direction] - this.#passed[direction];
    const passed = chunk.subarray(0, Math.max(0, Math.min(chunk.length, left)));
    this.#passed[direction] += passed.length;
    if (this.plan.split && passed.length > 1) {
      const at = 1 + (this.#passed[direction] % (passed.length - 1));
      to.write(passed.subarray(0, at));
      await new Promise((resolve) => setImmediate(resolve));
      await this.#write(to, passed.subarray(at));
    } else await this.#write(to, passed);
    if (passed.length < chunk.length || left === passed.length) this.cut(`connections cut in mid-stream, ${direction}`);
  }

  #write(to: net.Socket, bytes: Buffer): Promise<void> | undefined {
    if (this.#over || to.destroyed || bytes.length === 0 || to.write(bytes)) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        to.off('drain', done);
        to.off('close', done);
        resolve();
      };
      to.on('drain', done);
      to.on('close', done);
    });
  }
}
