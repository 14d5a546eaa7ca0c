/**
 * The MTA's side of the milter protocol, written from src/door/milter/protocol.md
 * and not from the code beside it, so that each tests the other.
 */

import net from 'node:net';

const SAYS_WITHIN_MS = 60_000;

/** One packet that the filter sent. */
export interface FilterPacket {
  /** Its letter. */
  readonly code: string;
  readonly payload: Buffer;
  /** The payload as Latin-1 text, without the NUL at its end. */
  readonly text: string;
}

export interface Negotiated {
  readonly version: number;
  readonly actions: number;
  readonly steps: number;
  /** Wanted macros by the number of their place. */
  readonly macros: ReadonlyMap<number, string>;
}

export interface MilterClientOptions {
  readonly port?: number;
  readonly path?: string;
}

export interface MilterMessage {
  readonly from?: string;
  readonly to?: readonly string[];
  readonly header?: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Buffer;
  readonly login?: string;
  readonly queueId?: string;
}

export const ALL_ACTIONS = 0x1ff;
export const ALL_STEPS = 0x1fffff;
export const OLD_ACTIONS = 0x3f;
export const OLD_STEPS = 0x7f;

const NO_REPLY: Readonly<Record<string, number>> = {
  L: 0x80,
  C: 0x1000,
  H: 0x2000,
  M: 0x4000,
  N: 0x40000,
  B: 0x80000,
  T: 0x10000,
};
const LEFT_OUT: Readonly<Record<string, number>> = { H: 0x2, B: 0x10, L: 0x20, N: 0x40, U: 0x100, T: 0x200 };
const LEADING_SPACE = 0x100000;

export function frame(code: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const payload = Buffer.concat([code, ...parts].map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  return Buffer.concat([length, payload]);
}

export function uint32(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) octets.writeUInt32BE(value, 4 * index);
  return octets;
}

export async function connectMilter(options: MilterClientOptions): Promise<MilterClient> {
  const socket = net.connect(
    options.path === undefined ? { host: '127.0.0.1', port: options.port ?? 0 } : { path: options.path },
  );
  const client = new MilterClient(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return client;
}

export class MilterClient {
  readonly closed: Promise<void>;
  #received = Buffer.alloc(0);
  #wake: () => void = () => {};
  #isClosed = false;
  #steps = 0;

  constructor(readonly socket: net.Socket) {
    socket.setNoDelay(true);
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      });
    });
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
  }

  /** Octets as they are. */
  write(octets: Buffer): void {
    this.socket.write(octets);
  }

  /** The next packet; null: the filter closed the connection. */
  async read(): Promise<FilterPacket | null> {
    const deadline = Date.now() + SAYS_WITHIN_MS;
    for (;;) {
      const packet = this.#take();
      if (packet !== null) return packet;
      if (this.#isClosed) return null;
      await this.#more(deadline - Date.now());
    }
  }

  /** Sends a command and reads what it is answered, progress left out; null: closed. */
  async say(code: string, ...parts: readonly (string | Buffer)[]): Promise<FilterPacket | null> {
    this.write(frame(code, ...parts));
    for (;;) {
      const packet = await this.read();
      if (packet?.code !== 'p') return packet;
    }
  }

  async negotiate(version = 6, actions = ALL_ACTIONS, steps = ALL_STEPS): Promise<Negotiated> {
    const answer = await this.say('O', uint32(version, actions, steps));
    if (answer?.code !== 'O') throw new Error(`negotiation was answered ${answer?.code}`);
    const macros = new Map<number, string>();
    for (let at = 12; at < answer.payload.length; ) {
      const end = answer.payload.indexOf(0, at + 4);
      macros.set(answer.payload.readUInt32BE(at), answer.payload.toString('latin1', at + 4, end));
      at = end + 1;
    }
    this.#steps = answer.payload.readUInt32BE(8);
    return {
      version: answer.payload.readUInt32BE(0),
      actions: answer.payload.readUInt32BE(4),
      steps: this.#steps,
      macros,
    };
  }

  /** Macros are not answered. */
  macros(stage: string, macros: Readonly<Record<string, string>>): void {
    this.write(
      frame(
        'D',
        stage,
        ...Object.entries(macros)
          .flat()
          .map((text) => `${text}\0`),
      ),
    );
  }

  hello(address = '192.0.2.1'): Promise<FilterPacket | null> {
    const family = address.includes(':') ? '6' : '4';
    return this.say('C', 'client.example\0', family, Buffer.from([0x30, 0x39]), `${address}\0`);
  }

  /** Null where no answer was agreed on: it comes with the first recipient. */
  mail(from = 'sender@example.com', ...parameters: readonly string[]): Promise<FilterPacket | null> {
    return this.asAgreed('M', `<${from}>\0`, ...parameters.map((parameter) => `${parameter}\0`));
  }

  recipient(to: string): Promise<FilterPacket | null> {
    return this.say('R', `<${to}>\0`);
  }

  /** A command as it was negotiated: left out, sent without waiting, or answered. */
  async asAgreed(code: string, ...parts: readonly (string | Buffer)[]): Promise<FilterPacket | null> {
    if ((this.#steps & (LEFT_OUT[code] ?? 0)) !== 0) return null;
    if ((this.#steps & (NO_REPLY[code] ?? 0)) === 0) return this.say(code, ...parts);
    this.write(frame(code, ...parts));
    return null;
  }

  /** Header section and body; then everything that the end of the message is answered. */
  async message({ header = [['Subject', 'test']], body = 'hello\r\n', queueId }: MilterMessage = {}) {
    const space = (this.#steps & LEADING_SPACE) !== 0 ? ' ' : '';
    for (const [name, value] of header) await this.asAgreed('L', `${name}\0`, `${space}${value}\0`);
    await this.asAgreed('N');
    for (const piece of pieces(Buffer.from(body))) await this.asAgreed('B', piece);
    if (queueId !== undefined) this.macros('E', { i: queueId });
    return this.end();
  }

  /** The end of the message, and all that it is answered up to the verdict. */
  async end(): Promise<readonly FilterPacket[]> {
    this.write(frame('E'));
    const said: FilterPacket[] = [];
    for (;;) {
      const packet = await this.read();
      if (packet === null) return said;
      said.push(packet);
      if ('acdrty'.includes(packet.code)) return said;
    }
  }

  /** Negotiation and client, and a whole mail; the answers to it. */
  async transact(message: MilterMessage = {}) {
    const { from, to = ['to@example.net'], login } = message;
    this.macros('M', login === undefined ? {} : { '{auth_authen}': login, '{auth_type}': 'PLAIN' });
    const mail = await this.mail(from);
    if (mail !== null && mail.code !== 'c') return { mail, recipients: [], end: [] };
    const recipients: (FilterPacket | null)[] = [];
    for (const address of to) recipients.push(await this.recipient(address));
    const accepted = recipients.some((answer) => answer?.code === 'c');
    if (!accepted) this.write(frame('A'));
    return { mail, recipients, end: accepted ? await this.message(message) : [] };
  }

  /** Leaves as an MTA does. */
  async quit(): Promise<void> {
    this.write(frame('Q'));
    this.socket.end();
    await this.closed;
  }

  destroy(): void {
    this.socket.destroy();
  }

  #take(): FilterPacket | null {
    if (this.#received.length < 5) return null;
    const length = this.#received.readUInt32BE(0);
    if (this.#received.length < 4 + length) return null;
    const payload = this.#received.subarray(5, 4 + length);
    const code = this.#received.toString('latin1', 4, 5);
    this.#received = this.#received.subarray(4 + length);
    return { code, payload, text: payload.toString('latin1').replace(/\0$/, '') };
  }

  async #more(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        timer = setTimeout(() => reject(new Error(`the filter said nothing for ${SAYS_WITHIN_MS} ms`)), withinMs);
      });
    } finally {
      clearTimeout(timer);
    }
  }
}

function pieces(body: Buffer): Buffer[] {
  const all: Buffer[] = [];
  for (let at = 0; at < body.length; at += 65_535) all.push(body.subarray(at, at + 65_535));
  return all;
}
