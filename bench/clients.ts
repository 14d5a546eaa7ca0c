/** What sends the mail: Postfix's smtp-source, or clients of our own where each message is timed or commands are pipelined. */

import { execFile } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { pathOf } from './process.js';

const RUN_WITHIN_MS = 120_000;
const REPLY_WITHIN_MS = 30_000;
/** Thousands at once would wait longer for their reply than that. */
const AT_ONCE = 100;
const SENDER = 'customer@bench.example';

export interface Load {
  readonly messages: number;
  readonly sessions: number;
  readonly octets: number;
  readonly recipients: number;
  /** Sent instead of one of so many octets. */
  readonly message?: Buffer;
}

let runs = 0;

/** Sends with smtp-source; gives the seconds that it took. */
export async function sendWithSource(port: number, load: Load, keptOpen: boolean): Promise<number> {
  // Recipients that do not repeat, as of a large list: `-N` numbers them, from 1 in each run.
  runs += 1;
  const recipient = `recipient-${process.pid}-${runs}@example.net`;
  const args = [
    ...(keptOpen ? ['-d', '-N'] : ['-N']),
    ...['-s', `${load.sessions}`, '-m', `${load.messages}`, '-l', `${load.octets}`, '-r', `${load.recipients}`],
    ...['-f', SENDER, '-t', recipient, `127.0.0.1:${port}`],
  ];
  const began = performance.now();
  await promisify(execFile)(pathOf('smtp-source'), args, { timeout: RUN_WITHIN_MS });
  return (performance.now() - began) / 1000;
}

/** Sends over kept-open sessions that pipeline the envelope (RFC 2920); gives the seconds that it took. */
export async function sendPipelined(port: number, load: Load): Promise<number> {
  const clients = await openAll(port, load.sessions);
  const began = performance.now();
  let left = load.messages;
  const body = load.message === undefined ? messageOf(load.octets) : onTheWire(load.message);
  await Promise.all(
    clients.map(async (client) => {
      while (left > 0) {
        left -= 1;
        await client.sendPipelined(recipients(load.recipients), body);
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  for (const client of clients) client.close();
  return seconds;
}

/** Sends now and then over some of these sessions, far below what the subject can take; gives each message's ms from MAIL to the last reply. */
export async function timeEach(
  clients: readonly OpenClient[],
  load: Pick<Load, 'messages' | 'octets' | 'recipients'>,
  perSecond: number,
): Promise<readonly number[]> {
  const body = messageOf(load.octets);
  const times: number[] = [];
  const senders = clients.slice(0, load.messages);
  const everyMs = (1_000 * senders.length) / perSecond;
  await Promise.all(
    senders.map(async (client, index) => {
      await pause((index * everyMs) / senders.length);
      for (let sent = index; sent < load.messages; sent += senders.length) {
        const began = performance.now();
        await client.send(recipients(load.recipients), body);
        times.push(performance.now() - began);
        if (sent + senders.length < load.messages) await pause(Math.max(0, everyMs - (performance.now() - began)));
      }
    }),
  );
  return times;
}

/** Sends as fast as it goes over all of these sessions in turn, some at a time. */
export async function sendInTurn(clients: readonly OpenClient[], messages: number, octets: number): Promise<void> {
  const body = messageOf(octets);
  for (let sent = 0; sent < messages; ) {
    const from = sent % clients.length;
    const some = clients.slice(from, from + Math.min(AT_ONCE, messages - sent));
    await Promise.all(some.map((client) => client.send(recipients(1), body)));
    sent += some.length;
  }
}

let numbered = 0;

function recipients(count: number): readonly string[] {
  return Array.from({ length: count }, () => {
    numbered += 1;
    return `b${process.pid}-${numbered}@example.net`;
  });
}

function messageOf(octets: number): Buffer {
  const head = `From: <${SENDER}>\r\nTo: undisclosed recipients:;\r\nSubject: bench\r\n\r\n`;
  const line = `${'x'.repeat(76)}\r\n`;
  return Buffer.from(`${head}${line.repeat(Math.max(1, Math.ceil((octets - head.length) / line.length)))}.\r\n`);
}

/** Without lines that begin with a dot. */
function onTheWire(message: Buffer): Buffer {
  return Buffer.concat([message, Buffer.from('.\r\n')]);
}

/** So many sessions that have heard the greeting and EHLO's answer. */
export async function openAll(port: number, sessions: number): Promise<OpenClient[]> {
  const clients: OpenClient[] = [];
  while (clients.length < sessions) {
    const some = Math.min(AT_ONCE, sessions - clients.length);
    clients.push(...(await Promise.all(Array.from({ length: some }, () => OpenClient.open(port)))));
  }
  return clients;
}

/** One session, kept open. Throws at any reply that is not positive. */
export class OpenClient {
  #text = '';
  #awaited = 0;
  #settle: { resolve(): void; reject(error: Error): void } | null = null;

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.#received(chunk.toString('latin1')));
    socket.on('error', (error) => this.#settle?.reject(error));
    socket.on('close', () => this.#settle?.reject(new Error('the session was closed')));
  }

  static async open(port: number): Promise<OpenClient> {
    const client = new OpenClient(connect(port, '127.0.0.1'));
    await client.#replies(1);
    client.socket.write('EHLO client.example\r\n');
    await client.#replies(1);
    return client;
  }

  async send(recipients: readonly string[], body: Buffer): Promise<void> {
    await this.#ask(`MAIL FROM:<${SENDER}>\r\n`);
    for (const recipient of recipients) await this.#ask(`RCPT TO:<${recipient}>\r\n`);
    await this.#ask('DATA\r\n');
    this.socket.write(body);
    await this.#replies(1);
  }

  async sendPipelined(recipients: readonly string[], body: Buffer): Promise<void> {
    const envelope = recipients.map((recipient) => `RCPT TO:<${recipient}>\r\n`).join('');
    this.socket.write(`MAIL FROM:<${SENDER}>\r\n${envelope}DATA\r\n`);
    await this.#replies(recipients.length + 2);
    this.socket.write(body);
    await this.#replies(1);
  }

  close(): void {
    this.socket.end('QUIT\r\n');
    this.socket.resume();
  }

  #ask(command: string): Promise<void> {
    this.socket.write(command);
    return this.#replies(1);
  }

  async #replies(count: number): Promise<void> {
    this.#awaited += count;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
      timer = setTimeout(() => reject(new Error(`no reply within ${REPLY_WITHIN_MS} ms`)), REPLY_WITHIN_MS);
      this.#received('');
    }).finally(() => clearTimeout(timer));
    this.#settle = null;
  }

  #received(text: string): void {
    this.#text += text;
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n')) {
      const line = this.#text.slice(0, end);
      this.#text = this.#text.slice(end + 1);
      if (line[3] === '-') continue;
      this.#awaited -= 1;
      if (line[0] !== '2' && line[0] !== '3') this.#settle?.reject(new Error(`unexpected reply: ${line}`));
    }
    if (this.#awaited <= 0) this.#settle?.resolve();
  }
}
