import type { RelayReply } from '../smtp/reply.js';
import type { RelayCapabilities } from './contract.js';

/** All that a reply to EHLO says: what concerns transactions, and what concerns the connection. */
export interface Ehlo {
  readonly capabilities: RelayCapabilities;
  readonly startTls: boolean;
  /** SASL mechanisms, upper case. */
  readonly auth: readonly string[];
}

/** Reads a reply to EHLO (RFC 5321 §4.1.1.1). Its first line names the relay; a reply to HELO has no other. */
export function parseEhlo(reply: RelayReply): Ehlo {
  const keywords = new Map<string, readonly string[]>();
  for (const line of reply.lines.slice(1)) {
    // `AUTH=PLAIN`: the form of servers older than RFC 2554.
    const [keyword, ...parameters] = line
      .trim()
      .replace(/^AUTH=/i, 'AUTH ')
      .split(/\s+/);
    if (keyword === undefined || keyword === '') continue;
    const known = keywords.get(keyword.toUpperCase()) ?? [];
    keywords.set(keyword.toUpperCase(), [...known, ...parameters.map((parameter) => parameter.toUpperCase())]);
  }
  return {
    capabilities: {
      pipelining: keywords.has('PIPELINING'),
      eightBitMime: keywords.has('8BITMIME'),
      smtpUtf8: keywords.has('SMTPUTF8'),
      dsn: keywords.has('DSN'),
      requireTls: keywords.has('REQUIRETLS'),
      size: sizeOf(keywords.get('SIZE')),
      xclient: keywords.get('XCLIENT') ?? [],
      xforward: keywords.get('XFORWARD') ?? [],
    },
    startTls: keywords.has('STARTTLS'),
    auth: [...new Set(keywords.get('AUTH') ?? [])],
  };
}

/** RFC 1870 §4: no parameter, or 0, is no limit. */
function sizeOf(parameters: readonly string[] | undefined): number | null {
  if (parameters === undefined) return null;
  const [size] = parameters;
  return size !== undefined && /^\d{1,20}$/.test(size) ? Math.min(Number(size), Number.MAX_SAFE_INTEGER) : 0;
}

/** What all of several relays can: any of them may get the next message. Null of none. */
export function commonCapabilities(all: readonly RelayCapabilities[]): RelayCapabilities | null {
  const [first, ...others] = all;
  if (first === undefined) return null;
  return others.reduce(
    (common, other) => ({
      pipelining: common.pipelining && other.pipelining,
      eightBitMime: common.eightBitMime && other.eightBitMime,
      smtpUtf8: common.smtpUtf8 && other.smtpUtf8,
      dsn: common.dsn && other.dsn,
      requireTls: common.requireTls && other.requireTls,
      size: smallerSize(common.size, other.size),
      xclient: common.xclient.filter((attribute) => other.xclient.includes(attribute)),
      xforward: common.xforward.filter((attribute) => other.xforward.includes(attribute)),
    }),
    first,
  );
}

function smallerSize(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return null;
  if (a === 0 || b === 0) return Math.max(a, b);
  return Math.min(a, b);
}
