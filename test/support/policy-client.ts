/** A raw client of policy delegation, as Postfix is one: a question at a time, exact bytes, everything with a time limit. */

import net from 'node:net';

export type PolicyAttributes = Readonly<Record<string, string | number>>;

export interface PolicyClientOptions {
  readonly port?: number;
  /** A unix socket instead of a port. */
  readonly path?: string;
  readonly localAddress?: string;
  readonly timeoutMs?: number;
}

export interface PolicyClient {
  /** Asks and waits: the action, without `action=`. Rejects when the connection ends before. */
  ask(attributes: PolicyAttributes): Promise<string>;
  /** The next action. */
  read(): Promise<string>;
  /** Sends these bytes as they are; strings as UTF-8. */
  write(raw: string | Buffer): void;
  close(): Promise<void>;
  destroy(): void;
  /** Resolves when the connection has closed, whoever closed it. */
  readonly closed: Promise<void>;
  readonly socket: net.Socket;
}

/** A question as Postfix 3.7 asks it; what is given counts. */
export function policyRequest(attributes: PolicyAttributes): string {
  const all = { ...USUAL, ...attributes };
  return `${Object.entries(all)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')}\n`;
}

const USUAL: PolicyAttributes = {
  request: 'smtpd_access_policy',
  protocol_state: 'RCPT',
  protocol_name: 'ESMTP',
  client_address: '127.0.0.1',
  client_name: 'localhost',
  client_port: 40000,
  reverse_client_name: 'localhost',
  server_address: '127.0.0.1',
  server_port: 25,
  helo_name: 'client.example',
  sender: 'a@example.com',
  recipient: 'b@example.net',
  recipient_count: 0,
  queue_id: '',
  instance: '1.1.1.0',
  size: 0,
  etrn_domain: '',
  stress: '',
  sasl_method: '',
  sasl_username: '',
  sasl_sender: '',
  ccert_subject: '',
  ccert_issuer: '',
  ccert_fingerprint: '',
  ccert_pubkey_fingerprint: '',
  encryption_protocol: '',
  encryption_cipher: '',
  encryption_keysize: 0,
  policy_context: '',
};

export async function connectPolicy(options: PolicyClientOptions): Promise<PolicyClient> {
  const socket = net.connect(
    options.path === undefined
      ? {
          port: options.port ?? 0,
          host: '127.0.0.1',
          ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
        }
      : { path: options.path },
  );
  const client = new RawPolicyClient(socket, options.timeoutMs ?? 60_000);
  await client.connected;
  return client;
}

class RawPolicyClient implements PolicyClient {
  readonly closed: Promise<void>;
  readonly connected: Promise<void>;
  #received = '';
  #isClosed = false;
  #wake: () => void = () => {};

  constructor(
    readonly socket: net.Socket,
    private readonly timeoutMs: number,
  ) {
    socket.setNoDelay(true);
    let last: Error | null = null;
    socket.on('error', (error) => {
      last = error;
    });
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('utf8');
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
    this.connected = new Promise((resolve, reject) => {
      socket.once('connect', () => resolve());
      void this.closed.then(() => reject(last ?? new Error('closed before it was connected')));
    });
  }

  ask(attributes: PolicyAttributes): Promise<string> {
    this.write(policyRequest(attributes));
    return this.read();
  }

  async read(): Promise<string> {
    const deadline = performance.now() + this.timeoutMs;
    for (;;) {
      const end = this.#received.indexOf('\n\n');
      if (end >= 0) {
        const answer = this.#received.slice(0, end);
        this.#received = this.#received.slice(end + 2);
        if (!answer.startsWith('action=')) throw new Error(`no action: ${JSON.stringify(answer)}`);
        return answer.slice('action='.length);
      }
      if (this.#isClosed) throw new Error(`closed; so far: ${JSON.stringify(this.#received)}`);
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`no action within ${this.timeoutMs} ms`);
      await this.#more(left);
    }
  }

  write(raw: string | Buffer): void {
    this.socket.write(raw);
  }

  async close(): Promise<void> {
    this.socket.end();
    await this.closed;
  }

  destroy(): void {
    this.socket.destroy();
  }

  async #more(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      timer = setTimeout(resolve, withinMs);
    });
    clearTimeout(timer);
  }
}
