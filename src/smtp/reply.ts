/**
 * SMTP replies (RFC 5321 §4.2) with enhanced status codes (RFC 2034, RFC 3463).
 *
 * The constructors are the only way to a `Reply`, so a reply whose code and
 * status disagree in class cannot be written down.
 */

export type PositiveCode = 211 | 214 | 220 | 221 | 235 | 250 | 251 | 252 | 334 | 354;
export type TransientCode = 421 | 450 | 451 | 452 | 454 | 455;
export type PermanentCode =
  | 500
  | 501
  | 502
  | 503
  | 504
  | 521
  | 523
  | 525
  | 530
  | 535
  | 538
  | 550
  | 551
  | 552
  | 553
  | 554
  | 555
  | 556;
export type TransientStatus = `4.${number}.${number}`;
export type PermanentStatus = `5.${number}.${number}`;

declare const built: unique symbol;

export interface Reply {
  readonly code: number;
  /** Enhanced status code put before each line; null when the text carries its own or none belongs there. */
  readonly status: string | null;
  /** Text of each line, without code, separators or line ends. */
  readonly lines: readonly string[];
  readonly [built]: true;
}

/** What a relay said, to the letter: the text of each line after `250-` or `250 `. */
export interface RelayReply {
  readonly code: number;
  readonly lines: readonly string[];
}

/** RFC 5321 §4.5.3.1.5: a reply line has at most 512 octets with code and CRLF. */
export const MAX_REPLY_LINE = 512;

export function positive(code: PositiveCode, status: `2.${number}.${number}` | null, ...lines: string[]): Reply {
  return build(code, status, lines);
}

export function transient(code: TransientCode, status: TransientStatus, ...lines: string[]): Reply {
  return build(code, status, lines);
}

export function permanent(code: PermanentCode, status: PermanentStatus, ...lines: string[]): Reply {
  return build(code, status, lines);
}

/** The relay's own reply, passed on word for word. */
export function passedOn(reply: RelayReply): Reply {
  return build(reply.code, null, [...reply.lines]);
}

export function isPositive(reply: { readonly code: number }): boolean {
  return reply.code >= 200 && reply.code < 400;
}

export function isTransient(reply: { readonly code: number }): boolean {
  return reply.code >= 400 && reply.code < 500;
}

export function isPermanent(reply: { readonly code: number }): boolean {
  return reply.code >= 500 && reply.code < 600;
}

/** The reply as it goes over the wire, last CRLF included. */
export function toWire(reply: Reply): string {
  const last = reply.lines.length - 1;
  let wire = '';
  for (let i = 0; i <= last; i += 1) {
    const separator = i < last ? '-' : ' ';
    const status = reply.status === null ? '' : `${reply.status} `;
    wire += `${reply.code}${separator}${status}${reply.lines[i]}\r\n`;
  }
  return wire;
}

/** The reply in one line for logs and decisions. */
export function toText(reply: Reply): string {
  const status = reply.status === null ? '' : `${reply.status} `;
  return `${reply.code} ${status}${reply.lines.join(' / ')}`;
}

// A control character in a reply could end it early and start another (reply
// splitting); replies carry texts that relays and configs supplied.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/g;

function build(code: number, status: string | null, lines: readonly string[]): Reply {
  const clean = (lines.length === 0 ? [''] : lines).map((line) => line.replace(CONTROL, ' '));
  return { code, status, lines: clean } as unknown as Reply;
}
