/** The numbered messages: everything about each of them follows from the seed and its number. */

import { createHash } from 'node:crypto';
import { randomOf } from './random.js';

/** `inspectWindow` of the runs: a share of the messages is longer, and streams. */
export const INSPECT_WINDOW = 16 * 1024;
/** Suppressed by Sluice for everybody. */
export const SUPPRESSED_DOMAIN = 'suppressed.example';
/** The relay refuses these for ever at RCPT, as it would an unknown user. */
export const UNKNOWN_USER = /^nobody\./;

export interface MessagePlan {
  readonly recipients: readonly string[];
  /** Octets of the body, about. */
  readonly size: number;
}

export function planMessage(seed: number, number: number): MessagePlan {
  const random = randomOf(seed, 'message', number);
  const count = random.chance(0.03) ? random.whole(10, 30) : random.whole(1, 4);
  const recipients = Array.from({ length: count }, (_, index) => {
    if (random.chance(0.03)) return `nobody.${number}.${index}@example.net`;
    if (random.chance(0.03)) return `m${number}.${index}@${SUPPRESSED_DOMAIN}`;
    return `m${number}.${index}@example.net`;
  });
  const size = random.chance(0.06) ? random.whole(INSPECT_WINDOW, 12 * INSPECT_WINDOW) : random.whole(0, 4_000);
  return { recipients, size };
}

export interface WireMessage {
  /** Dot-stuffed, without the final dot. */
  readonly wire: Buffer;
  /** Of the octets before stuffing. */
  readonly sha256: string;
}

/** One attempt to send a message: the same body each time, the attempt in its header. */
export function composeMessage(seed: number, number: number, attempt: number, size: number): WireMessage {
  const random = randomOf(seed, 'body', number);
  const head = `X-Soak: ${number}.${attempt}\r\nSubject: message ${number}\r\n${random.chance(0.5) ? `To: Somebody\r\n <m${number}@example.net>\r\n` : ''}\r\n`;
  const lines: string[] = [];
  let length = 0;
  while (length < size) {
    const line = bodyLine(random.whole(0, 120), random.whole(0, POOL.length - 200), random.next());
    lines.push(line);
    length += line.length;
  }
  const text = head + lines.join('');
  return {
    wire: Buffer.from(text.replace(/^\./gm, '..'), 'latin1'),
    sha256: createHash('sha256').update(Buffer.from(text, 'latin1')).digest('hex'),
  };
}

/** The reverse-path says which attempt it is, so that all three books can be laid side by side. */
export function reversePathOf(number: number, attempt: number): string {
  return `m${number}.a${attempt}@sender.example`;
}

/** `NUMBER.ATTEMPT`, or null for mail that is not ours. */
export function attemptOf(reversePath: string): string | null {
  const found = /^<?m(\d+)\.a(\d+)@sender\.example>?$/.exec(reversePath);
  return found === null ? null : `${found[1]}.${found[2]}`;
}

/** Octets that look like text, with 8-bit ones and dots among them. */
const POOL = Array.from({ length: 4_096 }, (_, index) => {
  const code = 33 + ((index * 7_919) % 190);
  return code === 127 ? '.' : String.fromCharCode(code > 126 ? code + 33 : code);
}).join('');

function bodyLine(length: number, from: number, kind: number): string {
  if (kind < 0.03) return '.\r\n';
  if (kind < 0.06) return `..${POOL.slice(from, from + length)}\r\n`;
  if (kind < 0.08) return `.${POOL.slice(from, from + length)}\r\n`;
  return `${POOL.slice(from, from + length)}\r\n`;
}
