/** One connection to the sink: its protocol, as the script bends it. */

import type net from 'node:net';
import tls from 'node:tls';
import {
  type SinkAction,
  type SinkCommand,
  type SinkMessage,
  type SinkRecipient,
  type SinkScript,
  USUAL_EHLO,
} from './relay-sink-script.js';

export interface SinkSessionEvents {
  script(): SinkScript;
  command(command: SinkCommand): void;
  ended(message: SinkMessage): void;
  accepted(message: SinkMessage): void;
  closed(): void;
}

type Mode = 'command' | 'data' | 'auth';

export class SinkSession {
  tls = false;
  open = true;
  username: string | null = null;
  /** The name of the last EHLO or HELO. */
  helo: string | null = null;
  /** Octets received. */
  received = 0;
  #socket: net.Socket | null = null;
  #mode: Mode = 'command';
  #pending: Buffer = Buffer.alloc(0);
  #chunk = 0;
  #busy = false;
  #mail: SinkRecipient | null = null;
  #recipients: SinkRecipient[] = [];
  #xclient: Record<string, string> = {};
  #xforward: Record<string, string> = {};
  #parts: Buffer[] = [];
  #size = 0;
  #tail: Buffer = Buffer.alloc(0);
  #authAnswers: string[] = [];
  #authLine: ((line: string) => void) | null = null;

  constructor(
    readonly id: number,
    private readonly events: SinkSessionEvents,
  ) {}

  start(socket: net.Socket, secure: boolean): void {
    this.tls = secure;
    this.#attach(socket);
    socket.once('close', () => {
      this.open = false;
      this.events.closed();
    });
    void this.#serve('CONNECT', '');
  }

  /** Sends bytes outside of any reply. */
  say(raw: string | Buffer): void {
    this.#socket?.write(raw);
  }

  /** Half-closes. */
  close(): void {
    this.#socket?.end();
  }

  /** Drops the connection. */
  destroy(): void {
    this.#socket?.destroy();
  }

  #resetConnection(): void {
    // A reset while the FIN of end() is underway is refused below, and the socket would stay for ever.
    if (this.#socket?.writableEnded) this.#socket.destroy();
    else this.#socket?.resetAndDestroy();
  }

  /** Stops reading: a slow relay. */
  pause(): void {
    this.#socket?.pause();
  }

  resume(): void {
    this.#socket?.resume();
  }

  #attach(socket: net.Socket): void {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      this.#chunk += 1;
      this.received += chunk.length;
      if (this.#mode === 'data') this.#data(chunk);
      else {
        this.#pending = Buffer.concat([this.#pending, chunk]);
        void this.#work();
      }
    });
  }

  /** Handles complete lines one after another; a step's promise holds up what follows. */
  async #work(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    while (this.#mode !== 'data') {
      const end = this.#pending.indexOf(0x0a);
      if (end < 0) break;
      const line = this.#pending.subarray(0, end).toString('latin1').replace(/\r$/, '');
      this.#pending = this.#pending.subarray(end + 1);
      if (this.#authLine !== null) this.#authLine(line);
      else if (line !== '') await this.#serve((/^[A-Za-z]*/.exec(line)?.[0] ?? '').toUpperCase(), line);
    }
    this.#busy = false;
    if (this.#mode === 'data' && this.#pending.length > 0) {
      const rest = this.#pending;
      this.#pending = Buffer.alloc(0);
      this.#data(rest);
    }
  }

  async #serve(verb: string, line: string): Promise<void> {
    const command: SinkCommand = { sessionId: this.id, verb, line, at: Date.now(), chunk: this.#chunk };
    this.events.command(command);
    const step = this.events.script().steps?.[verb];
    const wanted = typeof step === 'function' ? await step(command) : step;
    if (!this.open) return;
    if (wanted === null) return;
    const action: SinkAction =
      wanted === undefined
        ? { reply: this.#usual(verb, line) }
        : typeof wanted === 'string'
          ? { reply: wanted }
          : wanted;
    const wire = action.reply === undefined ? null : toWire(action.reply);
    const code = wire === null ? 0 : Number(wire.toString('latin1', 0, 3));
    // What the reply means is true before the client can know it.
    this.#apply(verb, line, code);
    if (wire !== null) this.#socket?.write(wire);
    if (verb === 'STARTTLS' && code === 220) this.#secure();
    if (action.hangUp === 'close' || (verb === 'QUIT' && action.hangUp === undefined)) this.close();
    if (action.hangUp === 'destroy') this.#resetConnection();
  }

  #usual(verb: string, line: string): string {
    switch (verb) {
      case 'CONNECT':
        return '220 sink.example ESMTP';
      case 'EHLO':
        return this.#ehlo();
      case 'HELO':
        return '250 sink.example';
      case 'DATA':
        if (this.#mail === null || this.#recipients.length === 0) return '554 5.5.1 No valid recipients';
        return '354 End data with <CR><LF>.<CR><LF>';
      case 'END':
        return `250 2.0.0 Ok: queued as S${this.id}Q${this.#chunk}`;
      case 'STARTTLS':
        return '220 2.0.0 Ready to start TLS';
      case 'XCLIENT':
        return '220 sink.example ESMTP';
      case 'AUTH':
        return this.#auth(line);
      case 'RCPT':
        return this.#mail === null ? '503 5.5.1 MAIL first' : '250 2.1.5 Ok';
      case 'QUIT':
        return '221 2.0.0 Bye';
      case 'MAIL':
      case 'RSET':
      case 'NOOP':
      case 'XFORWARD':
        return '250 2.0.0 Ok';
      default:
        return '502 5.5.2 Command not recognised';
    }
  }

  #ehlo(): string {
    const script = this.events.script();
    const keywords = [...(script.ehlo ?? USUAL_EHLO)];
    if (script.tls !== undefined && !this.tls) keywords.push('STARTTLS');
    if (script.credentials !== undefined) {
      keywords.push(`AUTH ${(script.authMechanisms ?? ['PLAIN', 'LOGIN']).join(' ')}`);
    }
    if (script.xclient !== undefined) keywords.push(`XCLIENT ${script.xclient.join(' ')}`);
    if (script.xforward !== undefined) keywords.push(`XFORWARD ${script.xforward.join(' ')}`);
    const lines = ['sink.example', ...keywords];
    return lines.map((text, index) => `250${index < lines.length - 1 ? '-' : ' '}${text}`).join('\r\n');
  }

  #apply(verb: string, line: string, code: number): void {
    const positive = code >= 200 && code < 400;
    if (verb === 'EHLO' || verb === 'HELO') this.helo = line.slice(5);
    if (verb === 'MAIL' && positive) {
      this.#reset();
      this.#mail = pathOf(line);
    }
    if (verb === 'RCPT' && positive) this.#recipients.push(pathOf(line));
    if (verb === 'RSET' && positive) {
      this.#reset();
      this.#xforward = {};
    }
    if (verb === 'XCLIENT' && code === 220) {
      this.#reset();
      Object.assign(this.#xclient, attributesOf(line));
    }
    if (verb === 'XFORWARD' && positive) Object.assign(this.#xforward, attributesOf(line));
    if (verb === 'DATA' && code === 354) {
      this.#mode = 'data';
      this.#parts = [];
      this.#size = 0;
      // The end of data may follow at once: `.` CRLF after the DATA line's own CRLF.
      this.#tail = Buffer.from('\r\n');
    }
    if (verb === 'END') {
      const message = this.#message();
      this.events.ended(message);
      if (positive) this.events.accepted(message);
      this.#reset();
      this.#xforward = {};
    }
  }

  #data(chunk: Buffer): void {
    const joined = Buffer.concat([this.#tail, chunk]);
    const end = endOfData(joined, this.events.script().lenient === true);
    const before = this.#size - this.#tail.length;
    this.#parts.push(chunk);
    this.#size += chunk.length;
    if (this.events.script().keep === false) this.#parts = [];
    const limit = this.events.script().destroyAfterDataBytes;
    if (limit !== undefined && this.#size >= limit) {
      this.#resetConnection();
      return;
    }
    if (end === null) {
      this.#tail = Buffer.from(joined.subarray(-4));
      return;
    }
    this.#size = before + end.messageEnd;
    this.#mode = 'command';
    this.#pending = Buffer.from(joined.subarray(end.next));
    this.#busy = true;
    void this.#serve('END', '.').then(() => {
      this.#busy = false;
      return this.#work();
    });
  }

  #message(): SinkMessage {
    const wire = Buffer.concat(this.#parts).subarray(0, this.#size);
    const data = Buffer.from(wire.toString('latin1').replace(/(^|\r\n)\./g, '$1'), 'latin1');
    return {
      mail: this.#mail?.path ?? '',
      mailParameters: this.#mail?.parameters ?? [],
      recipients: this.#recipients,
      wire,
      data,
      size: this.#size,
      at: Date.now(),
      sessionId: this.id,
      tls: this.tls,
      xclient: { ...this.#xclient },
      xforward: { ...this.#xforward },
    };
  }

  #reset(): void {
    this.#mail = null;
    this.#recipients = [];
    this.#parts = [];
  }

  #secure(): void {
    const plain = this.#socket;
    const context = this.events.script().tls;
    if (plain === null || context === undefined) return;
    plain.removeAllListeners('data');
    this.tls = true;
    this.#pending = Buffer.alloc(0);
    this.#attach(new tls.TLSSocket(plain, { isServer: true, ...context }));
  }

  #auth(line: string): string {
    const [, mechanism, initial] = line.split(' ');
    const login = mechanism?.toUpperCase() === 'LOGIN';
    const wanted = login ? 2 : 1;
    this.#authAnswers = initial === undefined ? [] : [initial];
    if (this.#authAnswers.length === wanted) return this.#checkAuth(login);
    this.#authLine = (answer) => {
      this.#authAnswers.push(answer);
      if (this.#authAnswers.length < wanted) {
        this.say('334 UGFzc3dvcmQ6\r\n');
        return;
      }
      this.#authLine = null;
      this.say(`${this.#checkAuth(login)}\r\n`);
    };
    return login ? (this.#authAnswers.length === 0 ? '334 VXNlcm5hbWU6' : '334 UGFzc3dvcmQ6') : '334 ';
  }

  #checkAuth(login: boolean): string {
    const decoded = this.#authAnswers.map((answer) => Buffer.from(answer, 'base64').toString());
    const [username, password] = login ? decoded : (decoded[0] ?? '').split('\0').slice(1);
    const right = this.events.script().credentials?.[username ?? ''];
    if (right === undefined || right !== password) return '535 5.7.8 Error: authentication failed';
    this.username = username ?? null;
    return '235 2.7.0 Authentication successful';
  }
}

function toWire(reply: string | Buffer): Buffer {
  if (Buffer.isBuffer(reply)) return reply;
  const lines = reply.replace(/\r?\n$/, '').replace(/\r?\n/g, '\r\n');
  return Buffer.from(`${lines}\r\n`, 'latin1');
}

function pathOf(line: string): SinkRecipient {
  const found = /^[^:]*:\s*((?:"(?:[^"\\]|\\.)*"|[^\s"])*)\s*(.*)$/.exec(line);
  const rest = found?.[2] ?? '';
  return { path: found?.[1] ?? '', parameters: rest === '' ? [] : rest.split(' ') };
}

function attributesOf(line: string): Record<string, string> {
  const pairs = line.split(' ').slice(1);
  return Object.fromEntries(pairs.map((pair) => [pair.split('=')[0] ?? '', pair.slice(pair.indexOf('=') + 1)]));
}

/** Where the message ends (its last CRLF included) and where the next command begins. */
function endOfData(joined: Buffer, lenient: boolean): { messageEnd: number; next: number } | null {
  if (!lenient) {
    const at = joined.indexOf('\r\n.\r\n');
    return at < 0 ? null : { messageEnd: at + 2, next: at + 5 };
  }
  const found = /(\r?\n)\.\r?\n|(\r)\.\r(?!\n)/.exec(joined.toString('latin1'));
  if (found === null) return null;
  return { messageEnd: found.index + (found[1] ?? found[2] ?? '').length, next: found.index + found[0].length };
}
