/** A raw SMTP client for tests: one step at a time, exact bytes, everything with a time limit. */

import net from 'node:net';
import tls from 'node:tls';

export interface SmtpClientReply {
  readonly code: number;
  /** Text of each line after `250-` or `250 `, as Latin-1. */
  readonly lines: readonly string[];
  /** The lines joined by a line feed. */
  readonly text: string;
}

export interface SmtpClientOptions {
  readonly port?: number;
  /** A unix socket instead of a port. */
  readonly path?: string;
  readonly host?: string;
  readonly localAddress?: string;
  /** Implicit TLS. */
  readonly tls?: tls.ConnectionOptions;
  readonly timeoutMs?: number;
}

export interface SmtpClient {
  /** The next reply. Rejects when the connection ends before it is complete. */
  read(): Promise<SmtpClientReply>;
  /** Sends one line (CRLF is added) and reads one reply. */
  command(line: string): Promise<SmtpClientReply>;
  /** Sends these bytes as they are, in one write; strings as Latin-1. */
  write(raw: string | Buffer): void;
  /** STARTTLS, its 220, and the handshake. Certificates are not verified unless asked. */
  startTls(options?: tls.ConnectionOptions): Promise<void>;
  /** Half-closes; resolves when the connection is closed. */
  close(): Promise<void>;
  /** Drops the connection at once. */
  destroy(): void;
  /** Resolves when the connection has closed, whoever closed it. */
  readonly closed: Promise<void>;
  /** The socket in use: for pausing, ports, the peer's certificate. */
  readonly socket: net.Socket;
}

/** Connects; the greeting is still to be read. */
export async function connectSmtp(options: SmtpClientOptions): Promise<SmtpClient> {
  const timeoutMs = options.timeoutMs ?? 60_000;
  const socket = net.connect(
    options.path === undefined
      ? {
          port: options.port ?? 25,
          host: options.host ?? '127.0.0.1',
          ...(options.localAddress === undefined ? {} : { localAddress: options.localAddress }),
        }
      : { path: options.path },
  );
  const client = new RawClient(socket, timeoutMs);
  await within(timeoutMs, 'connecting', once(socket, 'connect', client.closed));
  if (options.tls !== undefined) await client.handshake(options.tls);
  return client;
}

class RawClient implements SmtpClient {
  socket: net.Socket;
  readonly closed: Promise<void>;
  #received = '';
  #wake: () => void = () => {};
  #isClosed = false;
  #lastError: Error | null = null;

  constructor(
    private readonly transport: net.Socket,
    private readonly timeoutMs: number,
  ) {
    this.socket = transport;
    transport.setNoDelay(true);
    this.closed = new Promise((resolve) => {
      transport.on('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
    this.#listen(transport);
  }

  read(): Promise<SmtpClientReply> {
    return within(this.timeoutMs, `a reply; so far: ${JSON.stringify(this.#received)}`, this.#nextReply());
  }

  command(line: string): Promise<SmtpClientReply> {
    this.write(`${line}\r\n`);
    return this.read();
  }

  write(raw: string | Buffer): void {
    this.socket.write(typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw);
  }

  async startTls(options: tls.ConnectionOptions = {}): Promise<void> {
    const reply = await this.command('STARTTLS');
    if (reply.code !== 220) throw new Error(`STARTTLS was answered ${reply.code} ${reply.text}`);
    await this.handshake(options);
  }

  async handshake(options: tls.ConnectionOptions): Promise<void> {
    this.transport.removeAllListeners('data');
    const secure = tls.connect({ rejectUnauthorized: false, ...options, socket: this.transport });
    this.socket = secure;
    this.#listen(secure);
    await within(this.timeoutMs, 'the TLS handshake', once(secure, 'secureConnect', this.closed));
  }

  async close(): Promise<void> {
    this.socket.end();
    await within(this.timeoutMs, 'the connection to close', this.closed);
  }

  destroy(): void {
    this.socket.destroy();
    this.transport.destroy();
  }

  #listen(socket: net.Socket): void {
    socket.on('error', (error) => {
      this.#lastError = error;
    });
    socket.on('data', (chunk: Buffer) => {
      this.#received += chunk.toString('latin1');
      this.#wake();
    });
  }

  async #nextReply(): Promise<SmtpClientReply> {
    for (;;) {
      const reply = this.#takeReply();
      if (reply !== null) return reply;
      if (this.#isClosed) {
        const reason = this.#lastError === null ? '' : ` (${this.#lastError.message})`;
        throw new Error(`the connection was closed${reason}; so far: ${JSON.stringify(this.#received)}`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #takeReply(): SmtpClientReply | null {
    const found = /^(?:\d{3}-[^\n]*\r\n)*(\d{3})(?: [^\n]*)?\r\n/.exec(this.#received);
    if (found === null) return null;
    this.#received = this.#received.slice(found[0].length);
    const lines = found[0]
      .split('\r\n')
      .slice(0, -1)
      .map((line) => line.slice(4));
    return { code: Number(found[1]), lines, text: lines.join('\n') };
  }
}

function once(socket: net.Socket, event: string, closed: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(event, () => resolve());
    socket.once('error', reject);
    void closed.then(() => reject(new Error(`the connection was closed before '${event}'`)));
  });
}

/** Rejects when the promise takes longer, saying what was waited for. */
async function within<T>(timeoutMs: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${timeoutMs} ms for ${what}`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
