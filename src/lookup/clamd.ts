/**
 * Streams a message to clamd by INSTREAM (clamd(8)): chunks with their length in
 * four octets before them, an empty one at the end, then one line of answer.
 */

import { connect, type Socket } from 'node:net';
import type { Scan, VirusVerdict } from './contract.js';
import { drained } from './drained.js';

export interface ClamdOptions {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  /** Without any progress for so long it has failed, ms. */
  readonly timeoutMs: number;
  /** Larger messages are not scanned, octets. Keep below clamd's StreamMaxLength. */
  readonly maxSize: number;
}

const MOST_ANSWER = 4096;
const CHUNK = 64 * 1024;

export function scanWithClamd(options: ClamdOptions): Scan<VirusVerdict> {
  return new ClamdScan(options);
}

class ClamdScan implements Scan<VirusVerdict> {
  readonly #socket: Socket;
  readonly #answer: Promise<VirusVerdict>;
  #settle: (verdict: VirusVerdict) => void = () => undefined;
  #settled = false;
  #sent = 0;
  #heard = '';

  constructor(private readonly options: ClamdOptions) {
    this.#answer = new Promise((resolve) => {
      this.#settle = resolve;
    });
    this.#socket = connect('path' in options.address ? options.address : { ...options.address, noDelay: true });
    this.#socket.setTimeout(options.timeoutMs);
    this.#socket.on('timeout', () => this.#fail(`clamd made no progress within ${options.timeoutMs} ms`));
    this.#socket.on('error', (error) => this.#fail(`clamd: ${error.message}`));
    this.#socket.on('close', () => this.#fail('clamd closed the connection'));
    this.#socket.on('data', (octets: Buffer) => this.#hear(octets));
    this.#socket.write('zINSTREAM\0');
  }

  write(octets: Buffer): Promise<void> | undefined {
    if (this.#settled) return undefined;
    this.#sent += octets.length;
    if (this.#sent > this.options.maxSize) {
      this.#over({ result: 'unscanned', why: `larger than ${this.options.maxSize} octets` });
      return undefined;
    }
    let flowing = true;
    for (let from = 0; from < octets.length; from += CHUNK) {
      const part = octets.subarray(from, from + CHUNK);
      this.#socket.write(lengthOf(part));
      flowing = this.#socket.write(part);
    }
    return flowing ? undefined : drained(this.#socket, this.options.timeoutMs, () => this.#fail('clamd takes no more'));
  }

  end(): Promise<VirusVerdict> {
    if (!this.#settled) this.#socket.write(Buffer.alloc(4));
    return this.#answer;
  }

  abort(): void {
    this.#fail('nobody waits for it');
  }

  #hear(octets: Buffer): void {
    this.#heard += octets.toString('utf8');
    const end = this.#heard.indexOf('\0');
    if (end >= 0) this.#over(readAnswer(this.#heard.slice(0, end)));
    else if (this.#heard.length > MOST_ANSWER) this.#fail('clamd answered at too great length');
  }

  #fail(why: string): void {
    this.#over({ result: 'failed', why });
  }

  #over(verdict: VirusVerdict): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#settle(verdict);
    this.#socket.destroy();
  }
}

function lengthOf(part: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(part.length);
  return length;
}

/** `stream: OK`, `stream: Eicar-Signature FOUND`, `INSTREAM size limit exceeded. ERROR`. */
function readAnswer(line: string): VirusVerdict {
  if (/^stream: OK$/.test(line)) return { result: 'clean' };
  const name = /^stream: (.{1,200}) FOUND$/.exec(line)?.[1];
  if (name !== undefined) return { result: 'infected', name };
  if (/size limit exceeded/i.test(line)) return { result: 'unscanned', why: "larger than clamd's StreamMaxLength" };
  return { result: 'failed', why: `clamd answered ${JSON.stringify(line.slice(0, 100))}` };
}
