/** Streams a message to rspamd over HTTP (`POST /checkv2`, its body as it comes) and reads the score. */

import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { z } from 'zod';
import type { Scan, ScanEnvelope, SpamVerdict } from './contract.js';
import { drained } from './drained.js';

export interface RspamdOptions {
  /** Of a normal worker or proxy: `http://127.0.0.1:11333`. */
  readonly url: string;
  readonly password: string | null;
  /** Without any progress for so long it has failed, ms. */
  readonly timeoutMs: number;
  /** Larger messages are not scanned, octets. */
  readonly maxSize: number;
}

const MOST_ANSWER = 1024 * 1024;
const MOST_SYMBOLS = 20;
/** Header fields of a request have no room for a list of thousands. */
const MOST_RECIPIENTS = 50;

export function scanWithRspamd(options: RspamdOptions, envelope: ScanEnvelope): Scan<SpamVerdict> {
  return new RspamdScan(options, envelope);
}

class RspamdScan implements Scan<SpamVerdict> {
  readonly #request: ClientRequest;
  readonly #answer: Promise<SpamVerdict>;
  #settle: (verdict: SpamVerdict) => void = () => undefined;
  #settled = false;
  #sent = 0;

  constructor(
    private readonly options: RspamdOptions,
    envelope: ScanEnvelope,
  ) {
    this.#answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#request = request(new URL('/checkv2', options.url), {
      method: 'POST',
      headers: headersOf(envelope, options.password),
      timeout: options.timeoutMs,
      // One message a connection: an answer can never be taken for another message's.
      agent: false,
    });
    this.#request.on('timeout', () => this.#fail(`rspamd made no progress within ${options.timeoutMs} ms`));
    this.#request.on('error', (error) => this.#fail(`rspamd: ${error.message}`));
    this.#request.on('response', (response) => this.#hear(response));
  }

  write(octets: Buffer): Promise<void> | undefined {
    if (this.#settled) return undefined;
    this.#sent += octets.length;
    if (this.#sent > this.options.maxSize) {
      this.#over({ result: 'unscanned', why: `larger than ${this.options.maxSize} octets` });
      return undefined;
    }
    return this.#request.write(octets)
      ? undefined
      : drained(this.#request, this.options.timeoutMs, () => this.#fail('rspamd takes no more'));
  }

  end(): Promise<SpamVerdict> {
    if (!this.#settled) this.#request.end();
    return this.#answer;
  }

  abort(): void {
    this.#fail('nobody waits for it');
  }

  #hear(response: IncomingMessage): void {
    const chunks: Buffer[] = [];
    let octets = 0;
    response.on('data', (chunk: Buffer) => {
      octets += chunk.length;
      if (octets > MOST_ANSWER) this.#fail('rspamd answered at too great length');
      else chunks.push(chunk);
    });
    response.on('error', (error) => this.#fail(`rspamd: ${error.message}`));
    response.on('end', () => {
      if (response.statusCode !== 200) this.#fail(`rspamd answered ${response.statusCode}`);
      else this.#over(readAnswer(Buffer.concat(chunks).toString('utf8')));
    });
  }

  #fail(why: string): void {
    this.#over({ result: 'failed', why });
  }

  #over(verdict: SpamVerdict): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle(verdict);
    this.#request.destroy();
  }
}

function headersOf(envelope: ScanEnvelope, password: string | null): Record<string, string | string[]> {
  const { client, username, reversePath, recipients, id } = envelope;
  return {
    'Queue-Id': plain(id),
    From: plain(reversePath),
    Rcpt: recipients.slice(0, MOST_RECIPIENTS).map(plain),
    ...(client === 'unix' ? {} : { IP: plain(client) }),
    ...(username === null ? {} : { User: plain(username) }),
    ...(password === null ? {} : { Password: password }),
  };
}

/** A header field's value takes no line end and nothing beyond Latin-1. */
function plain(text: string): string {
  return Buffer.from(text.replace(/[^\x20-\x7e\u0080-\u{10ffff}]/gu, ' '), 'utf8').toString('latin1');
}

const answerSchema = z.object({
  score: z.number(),
  action: z.string(),
  symbols: z.record(z.string(), z.object({ score: z.number() })).default({}),
});

function readAnswer(text: string): SpamVerdict {
  try {
    const { score, action, symbols } = answerSchema.parse(JSON.parse(text));
    const weighed = Object.entries(symbols)
      .map(([name, symbol]) => ({ name, score: symbol.score }))
      .sort((one, other) => Math.abs(other.score) - Math.abs(one.score));
    return { result: 'scored', score, action, symbols: weighed.slice(0, MOST_SYMBOLS) };
  } catch {
    return { result: 'failed', why: 'rspamd answered something else than its JSON' };
  }
}
