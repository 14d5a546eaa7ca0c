/**
 * A client that sends numbered messages until each of its recipients has heard
 * yes or no for good, keeps a book of what it heard, and now and then goes away
 * in the middle.
 */

import { setTimeout as pauseFor } from 'node:timers/promises';
import { connectSmtp, type SmtpClient, type SmtpClientReply } from '../support/smtp-client.js';
import type { ClientEntry } from './books.js';
import { composeMessage, planMessage, reversePathOf } from './messages.js';
import { type Random, randomOf } from './random.js';
import type { Sender } from './senders.js';

/** Far beyond every documented limit: whoever waits so long is judged by the reconciler. */
const PATIENCE_MS = 30_000;

export interface ClientSettings {
  readonly seed: number;
  /** So many times fewer departures and pauses in mid-message. */
  readonly calm: number;
  readonly sender: Sender;
  readonly name: string;
  /** The number of the next message, or null when there is none left. */
  next(): number | null;
  /** Where to connect now, and which Sluice that is; null: nowhere. */
  target(): { readonly port: number; readonly instance: string } | null;
  wrote(entry: ClientEntry): void;
  /** A reply took so long. */
  waited(wait: Wait): void;
  /** False: it goes away no more. */
  faulty(): boolean;
  /** The run has given up: stop, whatever is left. */
  readonly aborted: AbortSignal;
}

export interface Wait {
  readonly for: string;
  readonly from: number;
  readonly to: number;
  readonly key: string;
}

type Style = 'stepwise' | 'envelope at once' | 'all at once';

/** The connection broke, or we dropped it. */
class Broken extends Error {}

export class FaultyClient {
  #connection: SmtpClient | null = null;
  #instance = '';
  /** Messages that may still go over this connection. */
  #left = 0;
  #key = '';
  readonly #random: Random;
  /** Messages that are settled, and those whose every recipient was refused for good. */
  readonly settled: number[] = [];

  constructor(private readonly settings: ClientSettings) {
    this.#random = randomOf(settings.seed, 'client', settings.name);
  }

  async run(): Promise<void> {
    for (;;) {
      const number = this.settings.next();
      if (number === null) break;
      await this.#settle(number);
      if (this.settings.aborted.aborted) break;
      this.settled.push(number);
    }
    this.#connection?.destroy();
  }

  /** Tries until no recipient of the message is left. */
  async #settle(number: number): Promise<void> {
    const { recipients, size } = planMessage(this.settings.seed, number);
    let pending = recipients;
    for (let attempt = 1; pending.length > 0 && !this.settings.aborted.aborted; attempt += 1) {
      const left = await this.#attempt(number, attempt, pending, size);
      if (left.length === pending.length || left.length > 0) await pauseFor(this.#random.whole(20, 400));
      pending = left;
    }
  }

  /** One attempt; the recipients that are to be tried again. */
  async #attempt(number: number, attempt: number, pending: readonly string[], size: number): Promise<string[]> {
    await this.#turn();
    const client = await this.#connected();
    if (client === null) return [...pending];
    const entry: ClientEntry = {
      key: `${number}.${attempt}`,
      account: this.settings.sender.account,
      instance: this.#instance,
      startedAt: Date.now(),
      endedAt: 0,
      stage: 'mail',
      dotAt: null,
      heard: null,
      accepted: [],
      sha256: null,
      dropped: false,
    };
    this.#key = entry.key;
    const random = randomOf(this.settings.seed, 'attempt', number, attempt);
    try {
      return await this.#converse(client, entry, pending, size, number, attempt, random);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      this.#hangUp();
      return [...pending];
    } finally {
      entry.endedAt = Date.now();
      this.settings.wrote(entry);
      this.#left -= 1;
      if (this.#left <= 0) this.#hangUp();
    }
  }

  async #converse(
    client: SmtpClient,
    entry: ClientEntry,
    pending: readonly string[],
    size: number,
    number: number,
    attempt: number,
    random: Random,
  ): Promise<string[]> {
    const style: Style = random.pick(['stepwise', 'envelope at once', 'all at once']);
    const leaves = this.settings.faulty() && random.chance(0.03 / this.settings.calm) ? random.pick(STAGES) : null;
    const mail = `MAIL FROM:<${reversePathOf(number, attempt)}>${random.chance(0.3) ? ` SIZE=${size + 500} BODY=8BITMIME` : ' BODY=8BITMIME'}`;
    const commands = [mail, ...pending.map((recipient) => `RCPT TO:<${recipient}>`)];
    const replies: SmtpClientReply[] = [];
    const leaveAt = (stage: (typeof STAGES)[number]) => {
      if (leaves !== stage) return;
      entry.dropped = true;
      throw new Broken('we left');
    };
    if (style === 'stepwise') {
      for (const command of commands) {
        entry.stage = command === mail ? 'mail' : 'recipient';
        replies.push(await this.#say(client, command));
        if (replies[0]?.code !== 250) break;
        leaveAt(entry.stage);
        if (replies.length === 2) await this.#linger(random);
      }
    } else {
      const batch = style === 'all at once' ? [...commands, 'DATA'] : commands;
      this.#write(client, `${batch.join('\r\n')}\r\n`);
      entry.stage = 'recipient';
      for (const command of commands) replies.push(await this.#read(client, command.slice(0, 4)));
      leaveAt('recipient');
    }
    const [mailReply, ...recipientReplies] = replies;
    const refused = mailReply?.code !== 250;
    entry.accepted = refused ? [] : pending.filter((_, index) => recipientReplies[index]?.code === 250);
    if (entry.accepted.length === 0 && style !== 'all at once') {
      entry.heard = textOf(refused ? mailReply : recipientReplies[0]);
      if (!refused) await this.#say(client, 'RSET');
      return left(pending, refused ? pending.map(() => mailReply) : recipientReplies);
    }
    entry.stage = 'data';
    const data = style === 'all at once' ? await this.#read(client, 'DATA') : await this.#say(client, 'DATA');
    if (data.code !== 354) {
      entry.heard = textOf(entry.accepted.length > 0 ? data : refused ? mailReply : recipientReplies[0]);
      if (!refused && data.code !== 421) await this.#say(client, 'RSET');
      if (refused)
        return left(
          pending,
          pending.map(() => mailReply),
        );
      return left(pending, combine(pending, entry.accepted, recipientReplies, data));
    }
    leaveAt('data');
    return this.#content(
      client,
      entry,
      pending,
      recipientReplies,
      composeMessage(this.settings.seed, number, attempt, size),
      leaveAt,
      random,
    );
  }

  async #content(
    client: SmtpClient,
    entry: ClientEntry,
    pending: readonly string[],
    recipientReplies: readonly SmtpClientReply[],
    message: { readonly wire: Buffer; readonly sha256: string },
    leaveAt: (stage: 'content' | 'end') => void,
    random: Random,
  ): Promise<string[]> {
    entry.stage = 'content';
    entry.sha256 = message.sha256;
    const part = random.whole(0, message.wire.length);
    this.#write(client, message.wire.subarray(0, part));
    if (random.chance(0.2 / this.settings.calm)) await pauseFor(random.whole(1, 30));
    leaveAt('content');
    entry.stage = 'end';
    entry.dotAt = Date.now();
    this.#write(client, Buffer.concat([message.wire.subarray(part), Buffer.from('.\r\n')]));
    leaveAt('end');
    const end = await this.#read(client, 'end of data');
    entry.heard = textOf(end);
    return left(pending, combine(pending, entry.accepted, recipientReplies, end));
  }

  /** Resolves when the sender's pace allows an attempt. */
  async #turn(): Promise<void> {
    const { pace } = this.settings.sender;
    if (pace === null) return;
    const into = Date.now() % pace.everyMs;
    if (into >= pace.forMs) await pauseFor(pace.everyMs - into);
  }

  async #linger(random: Random): Promise<void> {
    const { pace } = this.settings.sender;
    if (pace !== null && random.chance(pace.lingers)) await pauseFor(random.whole(0, pace.lingerMs));
  }

  /** The connection in use, or a new one; null when there is none to be had now. */
  async #connected(): Promise<SmtpClient | null> {
    if (this.#connection !== null) return this.#connection;
    const target = this.settings.target();
    if (target === null) return null;
    let client: SmtpClient | null = null;
    this.#key = `connection of ${this.settings.name}`;
    try {
      client = await connectSmtp({ port: target.port, timeoutMs: PATIENCE_MS });
      const greeting = await this.#read(client, 'greeting');
      if (greeting.code !== 220) throw new Broken(`greeted with ${textOf(greeting)}`);
      const hello = await this.#say(client, 'EHLO client.example');
      if (hello.code !== 250) throw new Broken(`EHLO: ${textOf(hello)}`);
    } catch {
      client?.destroy();
      return null;
    }
    this.#connection = client;
    this.#instance = target.instance;
    this.#left = this.#random.chance(0.3) ? 1 : this.#random.whole(2, 60);
    return client;
  }

  #hangUp(): void {
    this.#connection?.destroy();
    this.#connection = null;
  }

  #say(client: SmtpClient, command: string): Promise<SmtpClientReply> {
    this.#write(client, `${command}\r\n`);
    return this.#read(client, command.slice(0, 4));
  }

  #write(client: SmtpClient, bytes: string | Buffer): void {
    if (client.socket.destroyed) throw new Broken('closed');
    client.write(bytes);
  }

  async #read(client: SmtpClient, what: string): Promise<SmtpClientReply> {
    const from = Date.now();
    try {
      const reply = await client.read();
      if (reply.code === 421) throw new Broken(`421 ${reply.text}`);
      return reply;
    } catch (error) {
      throw new Broken('the connection broke', { cause: error });
    } finally {
      this.settings.waited({ for: what, from, to: Date.now(), key: this.#key });
    }
  }
}

const STAGES = ['mail', 'recipient', 'data', 'content', 'end'] as const;

/** Recipients whose reply was transient, or never came. */
function left(pending: readonly string[], replies: readonly (SmtpClientReply | undefined)[]): string[] {
  return pending.filter((_, index) => {
    const code = replies[index]?.code ?? 0;
    return code < 200 || (code >= 400 && code < 500);
  });
}

/** What each recipient heard in the end: its own refusal, or what became of the message. */
function combine(
  pending: readonly string[],
  accepted: readonly string[],
  recipientReplies: readonly SmtpClientReply[],
  end: SmtpClientReply,
): (SmtpClientReply | undefined)[] {
  return pending.map((recipient, index) => (accepted.includes(recipient) ? end : recipientReplies[index]));
}

function textOf(reply: SmtpClientReply | undefined): string | null {
  return reply === undefined ? null : `${reply.code} ${reply.text}`;
}
