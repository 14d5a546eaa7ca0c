/**
 * Postfix' log, from 2.3 on. Its lines are `QUEUEID: what happened`, written by
 * the daemon whose name ends the program's: https://www.postfix.org/ gives none of
 * them a grammar, but they have not changed in decades since people parse them.
 */

import type { Arrival, Delivery, LogEvent, LogFormat } from './log-event.js';
import { parseSyslogLine, type SyslogLine } from './syslog-line.js';

/** Short ids are hexadecimal; long ones (`enable_long_queue_ids`) base 52 with a `z` in them. */
const QUEUE_ID = /^([0-9A-Za-z]{5,32}): (.*)$/s;
const NEXT_ID = /\b(?:queued|forwarded) as ([0-9A-Za-z]{5,32})\b/i;
/** As smtpd, lmtp servers and other MTAs of a filter's way back may word it; the last is the filter's own next hop. */
const EXPIRED = /^from=<.*>, status=(?:force-)?expired, returned to sender/;
const ENHANCED = /\b([245]\.\d{1,3}\.\d{1,3})\b/;

export const postfix: LogFormat = {
  name: 'postfix',
  parse(line, reference) {
    const entry = parseSyslogLine(line, reference);
    if (entry === null) return null;
    const slash = entry.program.lastIndexOf('/');
    if (slash < 0) return null;
    const [, queueId, rest] = QUEUE_ID.exec(entry.message) ?? [];
    if (queueId === undefined || rest === undefined || queueId === 'NOQUEUE') return null;
    return read({ ...entry, program: entry.program.slice(slash + 1) }, queueId, rest);
  },
};

/** `entry.program` is the daemon's name alone. */
function read(entry: SyslogLine, queueId: string, rest: string): LogEvent | null {
  const where = { at: entry.at, host: entry.host, queueId };
  switch (entry.program) {
    case 'smtpd':
      return rest.startsWith('client=') ? { ...where, ...ARRIVAL, first: true, previousId: previousOf(rest) } : null;
    case 'pickup':
      if (!rest.startsWith('uid=')) return null;
      return { ...where, ...ARRIVAL, first: true, local: true, previousId: previousOf(rest) };
    case 'qmqpd':
      return rest.startsWith('client=') ? { ...where, ...ARRIVAL, first: true } : null;
    case 'cleanup': {
      const [, messageId] = /^message-id=(<[^>]{0,998}>|[^\s,]{1,998})/.exec(rest) ?? [];
      return messageId === undefined ? null : { ...where, ...ARRIVAL, messageId };
    }
    case 'qmgr':
    case 'nqmgr':
    case 'oqmgr':
      if (rest === 'removed') return { ...where, event: 'removed' };
      if (EXPIRED.test(rest)) return { ...where, event: 'expired', text: 'the relay gave up' };
      return rest.startsWith('from=<')
        ? { ...where, ...ARRIVAL, sender: bracketed(rest, 'from='.length)?.inner ?? null }
        : null;
    case 'postsuper':
      return /^(?:removed|expired: removed)$/.test(rest) ? { ...where, event: 'removed' } : null;
    default:
      return rest.startsWith('to=<') ? delivery(where, entry.program, rest) : null;
  }
}

const ARRIVAL: Omit<Arrival, 'at' | 'host' | 'queueId'> = {
  event: 'arrived',
  first: false,
  sender: null,
  messageId: null,
  previousId: null,
  local: false,
};

/** `orig_queue_id` by XFORWARD from a filter, `orig_id` after `postsuper -r`. */
function previousOf(rest: string): string | null {
  return (
    /, orig_queue_id=([0-9A-Za-z]{5,32})(?:,|$)/.exec(rest)?.[1] ??
    / orig_id=([0-9A-Za-z]{5,32})$/.exec(rest)?.[1] ??
    null
  );
}

/** `to=<…>, [orig_to=<…>,] relay=…, [conn_use=…,] delay=…, [delays=…,] [dsn=…,] status=… (…)`. */
function delivery(where: Pick<Delivery, 'at' | 'host' | 'queueId'>, agent: string, rest: string): Delivery | null {
  const to = bracketed(rest, 'to='.length);
  if (to === null) return null;
  const original = rest.startsWith(', orig_to=<', to.end) ? bracketed(rest, to.end + ', orig_to='.length) : null;
  const fields = rest.slice((original ?? to).end);
  if (!fields.startsWith(', relay=')) return null;
  const statusAt = fields.indexOf(', status=');
  if (statusAt < 0) return null;
  const [, word = '', words = ''] =
    /^([A-Za-z-]+)(?: \((.*)\)?)?$/s.exec(fields.slice(statusAt + ', status='.length)) ?? [];
  const fate = fateOf(word, agent);
  if (fate === null) return null;
  const head = fields.slice(0, statusAt);
  const text = words.endsWith(')') ? words.slice(0, -1) : words;
  const relay = /^, relay=([^,]*)/.exec(head)?.[1] ?? 'none';
  const dsn = /, dsn=(\d\.\d{1,3}\.\d{1,3})(?:,|$)/.exec(head)?.[1] ?? null;
  return {
    ...where,
    event: 'delivery',
    fate,
    recipient: to.inner,
    originalRecipient: original === null || original.inner === to.inner ? null : original.inner,
    status: moreTelling(dsn, text),
    text,
    remoteMta: remoteMtaOf(relay, text),
    agent,
    nextId: fate === 'sent' ? nextIdOf(text) : null,
    nextIsLocal: isLocal(relay),
  };
}

/** Address probes (`deliverable`, `undeliverable`) carry no mail. */
function fateOf(word: string, agent: string): Delivery['fate'] | null {
  if (word === 'sent') return agent === 'discard' ? 'discarded' : 'sent';
  if (word === 'bounced') return 'bounced';
  // With soft_bounce the mail stays in the queue.
  if (word === 'deferred' || word === 'SOFTBOUNCE') return 'deferred';
  return word === 'expired' ? 'expired' : null;
}

/** A filter tells its next hop's id last: `… from MTA(…): 250 2.0.0 Ok: queued as …`. */
function nextIdOf(text: string): string | null {
  const lastLine = text.slice(-600);
  let found: string | null = null;
  for (const match of lastLine.matchAll(new RegExp(NEXT_ID, 'gi'))) found = match[1] ?? found;
  return found;
}

/** A reply without a status of its own is logged as X.0.0. */
function moreTelling(dsn: string | null, text: string): string | null {
  if (dsn !== null && !/^\d\.0\.0$/.test(dsn)) return dsn;
  const inText = /said: \d{3}[- ]/.test(text) ? (ENHANCED.exec(text)?.[1] ?? null) : null;
  return inText !== null && (dsn === null || inText[0] === dsn[0]) ? inText : dsn;
}

function remoteMtaOf(relay: string, text: string): string | null {
  const [, said] =
    /^(?:host|connect to|conversation with|lost connection with|delivery temporarily suspended: \w+ to|delivery temporarily suspended: connect to) ([^\s[\]]{1,255})\[/.exec(
      text,
    ) ?? [];
  if (relay === 'none') return said ?? null;
  const [, name = ''] = /^([^[\]]*)\[/.exec(relay) ?? [];
  return name === '' ? null : name;
}

function isLocal(relay: string): boolean {
  return /\[(?:127\.\d+\.\d+\.\d+|(?:IPv6:)?::1|[^\]]*\/[^\]]*)\](?::\d+)?$/.test(relay);
}

/**
 * `<address>` at `from`. A quoted local part may have `>` in it, so quotes are
 * heeded; Postfix older than 3.5 logs it without them, which reads as far as the
 * first `>` and is then no address.
 */
function bracketed(text: string, from: number): { readonly inner: string; readonly end: number } | null {
  if (text[from] !== '<') return null;
  let quoted = false;
  for (let i = from + 1; i < text.length; i += 1) {
    const char = text[i];
    if (char === '\\' && quoted) i += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === '>' && !quoted) return { inner: text.slice(from + 1, i), end: i + 1 };
  }
  const plain = text.indexOf('>', from);
  return plain < 0 ? null : { inner: text.slice(from + 1, plain), end: plain + 1 };
}
