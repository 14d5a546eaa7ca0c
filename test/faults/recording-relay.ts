/**
 * The relay of a fault run, a process of its own that may be killed: it writes
 * down what it decides on each message before it says so, and misbehaves as the
 * seed says, the same for the same attempt whichever connection it comes by.
 */

import { createHash } from 'node:crypto';
import { openSync, writeSync } from 'node:fs';
import net from 'node:net';
import { setTimeout as pauseFor } from 'node:timers/promises';
import type { SinkAction, SinkMessage, SinkScript } from '../support/relay-sink-script.js';
import { SinkSession } from '../support/relay-sink-session.js';
import type { AttemptKey, RelayEntry } from './books.js';
import { attemptOf, UNKNOWN_USER } from './messages.js';
import { randomOf } from './random.js';

export interface RelaySettings {
  readonly seed: number;
  readonly bookPath: string;
  /** So many times fewer than one command in a hundred or so. */
  readonly calm: number;
  /** Shares of commands that are answered badly. */
  readonly faulty: boolean;
}

export type ToRelay = { readonly faulty: boolean };
export type FromRelay = { readonly port: number } | { readonly faults: Readonly<Record<string, number>> };

const settings = JSON.parse(process.argv[2] ?? '') as RelaySettings;
const book = openSync(settings.bookPath, 'a');
const faults: Record<string, number> = {};
let faulty = settings.faulty;
let sessions = 0;

/** What the relay is going to do at one step, and what that means for the message. */
interface Behaviour extends SinkAction {
  readonly delayMs: number;
}

function misbehave(verb: string, key: string): Behaviour | null {
  if (!faulty) return null;
  const random = randomOf(settings.seed, 'relay', verb, key);
  const drawn = random.next();
  const rate = (verb === 'END' ? 0.004 : 0.002) / settings.calm;
  const kinds: readonly (readonly [string, number, SinkAction])[] = [
    ['4xx', rate * 2, { reply: `451 4.3.0 Scheduled trouble at ${verb}` }],
    ['5xx', rate * 2, { reply: `554 5.3.0 Scheduled refusal at ${verb}` }],
    ['421', rate, { reply: `421 4.3.2 Scheduled farewell at ${verb}`, hangUp: 'close' }],
    ['closed', rate, { hangUp: 'close' }],
    ['reset', rate, { hangUp: 'destroy' }],
    ['delay', rate * 4, {}],
  ];
  let below = 0;
  for (const [kind, share, action] of kinds) {
    below += share;
    if (drawn >= below) continue;
    const name = `relay ${kind} at ${verb}`;
    faults[name] = (faults[name] ?? 0) + 1;
    return { ...action, delayMs: kind === 'delay' ? random.whole(50, 1_500) : 0 };
  }
  return null;
}

/** Whether the relay takes a message although its reply is never sent. */
function takesSilently(key: string): boolean {
  return randomOf(settings.seed, 'silent', key).chance(0.7);
}

/** One connection's script: its steps know which attempt is under way. */
class Conversation {
  #key: AttemptKey = '';
  #steps = 0;
  /** What the relay decided on the message that is about to be written down. */
  #decided: { code: number; silent: boolean } = { code: 0, silent: false };

  constructor(
    private readonly number: number,
    private readonly port: number,
  ) {}

  readonly script: SinkScript = {
    steps: {
      CONNECT: () => this.#act('CONNECT', `${process.pid}.${this.number}`),
      EHLO: () => this.#act('EHLO', `${process.pid}.${this.number}`),
      MAIL: ({ line }) => {
        this.#key = attemptOf(/<[^>]*>/.exec(line)?.[0] ?? '') ?? '';
        return this.#act('MAIL', this.#key);
      },
      RCPT: ({ line }) => {
        const local = /<([^@>]*)/.exec(line)?.[1] ?? '';
        if (UNKNOWN_USER.test(local)) return '550 5.1.1 No such user';
        return this.#act('RCPT', `${this.#key} ${local}`);
      },
      RSET: () => this.#act('RSET', `${process.pid}.${this.number}.${this.#steps}`),
      DATA: () => this.#act('DATA', this.#key),
      END: () => this.#end(),
    },
  };

  ended(message: SinkMessage): void {
    const whole = withoutTrace(message.data);
    const entry: RelayEntry = {
      key: this.#key,
      ...this.#decided,
      sha256: createHash('sha256').update(whole).digest('hex'),
      recipients: message.recipients.map(({ path }) => path.slice(1, -1)),
      at: Date.now(),
      port: this.port,
    };
    writeSync(book, `${JSON.stringify(entry)}\n`);
  }

  async #act(verb: string, key: string): Promise<SinkAction | undefined> {
    this.#steps += 1;
    const behaviour = misbehave(verb, key);
    if (behaviour === null) return undefined;
    if (behaviour.delayMs > 0) await pauseFor(behaviour.delayMs);
    return behaviour.reply === undefined && behaviour.hangUp === undefined ? undefined : behaviour;
  }

  async #end(): Promise<SinkAction | undefined> {
    const action = await this.#act('END', this.#key);
    const said = typeof action?.reply === 'string' ? Number(action.reply.slice(0, 3)) : 0;
    const silent = action !== undefined && said === 0;
    this.#decided = { silent, code: silent ? (takesSilently(this.#key) ? 250 : 0) : said || 250 };
    return action;
  }
}

/** The message as its client sent it: without the one field that a proxy puts first. */
function withoutTrace(data: Buffer): Buffer {
  if (data.subarray(0, 9).toString('latin1') !== 'Received:') return data;
  let end = data.indexOf('\r\n');
  while (end >= 0 && (data[end + 2] === 0x20 || data[end + 2] === 0x09)) end = data.indexOf('\r\n', end + 2);
  return data.subarray(end + 2);
}

function report(message: FromRelay): void {
  if (process.connected) process.send?.(message);
}

const server = net.createServer({ noDelay: true }, (socket) => {
  sessions += 1;
  const conversation = new Conversation(sessions, socket.remotePort ?? 0);
  const session = new SinkSession(sessions, {
    script: () => conversation.script,
    command: () => undefined,
    ended: (message) => conversation.ended(message),
    accepted: () => undefined,
    closed: () => undefined,
  });
  session.start(socket, false);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (address !== null && typeof address === 'object') report({ port: address.port });
});

process.on('message', (message: ToRelay) => {
  faulty = message.faulty;
});
setInterval(() => report({ faults: { ...faults } }), 500).unref();
// Whoever started it is gone: nobody would ever stop this process.
process.once('disconnect', () => process.exit(0));
