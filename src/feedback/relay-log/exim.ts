/**
 * Exim's main log (https://www.exim.org/exim-html-current/doc/html/spec_html/ch-log_files.html):
 * `<=` arrived, `=>` and `->` delivered, `>>` delivered while it was received,
 * `**` bounced, `==` deferred, `Completed`. Also as syslog gets it.
 */

import type { Arrival, Delivery, LogEvent, LogFormat } from './log-event.js';
import { parseSyslogLine } from './syslog-line.js';
import { readStamp } from './timestamps.js';

/** Before 4.97 `1abcDE-000fGh-2i`, since then `1abcDE-00000001abc-2defg`. */
const MESSAGE_ID = '[0-9A-Za-z]{6}-[0-9A-Za-z]{6,11}-[0-9A-Za-z]{2,4}';
const LINE = new RegExp(`^(?:\\[\\d+\\] )?(${MESSAGE_ID}) (.*)$`, 's');
const NEXT_ID = new RegExp(`\\b(?:queued as ([0-9A-Za-z]{5,32})|id=(${MESSAGE_ID}))`);
const ENHANCED = /\b([245]\.\d{1,3}\.\d{1,3})\b/;
const EXPIRED =
  /retry timeout exceeded|retry time not reached for any host after a long failure period|all hosts .{0,200}have been failing for a long time|message was on queue longer than|has been frozen for more than/i;

export const exim: LogFormat = {
  name: 'exim',
  parse(line, reference) {
    const own = readStamp(line, reference);
    const direct = own === null ? null : LINE.exec(own.rest);
    if (own !== null && direct !== null) return read(own.at, '', direct);
    const entry = parseSyslogLine(line, reference);
    if (entry === null || !/^exim/i.test(entry.program)) return null;
    const inner = readStamp(entry.message, reference);
    const found = LINE.exec(inner?.rest ?? entry.message);
    return found === null ? null : read(inner?.at ?? entry.at, entry.host, found);
  },
};

function read(at: number, host: string, [, queueId = '', rest = '']: RegExpExecArray): LogEvent | null {
  const where = { at, host, queueId };
  if (/^Completed\b/.test(rest)) return { ...where, event: 'removed' };
  const sign = rest.slice(0, 3);
  const body = rest.slice(3);
  if (sign === '<= ') return arrival(where, body);
  if (sign === '=> ' || sign === '-> ' || sign === '>> ') return delivery(where, 'sent', body);
  if (sign === '** ') return delivery(where, 'bounced', body);
  if (sign === '== ') return delivery(where, 'deferred', body);
  return null;
}

/** `sender H=… P=… S=… id=… [for recipients]`. */
function arrival(where: Pick<Arrival, 'at' | 'host' | 'queueId'>, body: string): Arrival {
  const [, sender = ''] = /^(\S+)/.exec(body) ?? [];
  const [, id] = / id=([^\s>]{1,998})/.exec(body) ?? [];
  return {
    ...where,
    event: 'arrived',
    first: true,
    sender: sender === '<>' ? '' : sender,
    messageId: id === undefined ? null : `<${id}>`,
    previousId: null,
    local: / P=local/.test(body),
  };
}

/** `address [(parent)] [<original>] [F=<…>] R=router T=transport [H=host [address]] … [C="reply"][: reason]`. */
function delivery(
  where: Pick<Delivery, 'at' | 'host' | 'queueId'>,
  verdict: 'sent' | 'bounced' | 'deferred',
  body: string,
): Delivery | null {
  const addresses = addressesOf(body);
  if (addresses === null) return null;
  const { recipient, originalRecipient, rest } = addresses;
  const { fields, quoted, reason } = takenApart(rest);
  const text = verdict === 'sent' ? quoted : reason;
  const [, transport = ''] = / T=([^\s:]+)/.exec(fields) ?? [];
  const [, remote] = / H=\[?([^\s\]]{1,255})/.exec(fields) ?? [];
  const next = verdict === 'sent' ? NEXT_ID.exec(text) : null;
  return {
    ...where,
    event: 'delivery',
    fate: fateOf(verdict, body, reason),
    recipient,
    originalRecipient,
    status: statusOf(text, verdict),
    text,
    remoteMta: remote ?? null,
    agent: transport,
    nextId: next?.[1] ?? next?.[2] ?? null,
    nextIsLocal: / H=\S+ \[(?:127\.\d+\.\d+\.\d+|::1)\]/.test(fields),
  };
}

function fateOf(verdict: 'sent' | 'bounced' | 'deferred', body: string, reason: string): Delivery['fate'] {
  if (verdict === 'sent') return /^(?::blackhole:|\/dev\/null) /.test(body) ? 'discarded' : 'sent';
  return verdict === 'bounced' && EXPIRED.test(reason) ? 'expired' : verdict;
}

/** Fields without what stands in quotes, the reply in `C="…"`, and what follows the fields: foreign words must not pose as fields. */
function takenApart(rest: string): { readonly fields: string; readonly quoted: string; readonly reason: string } {
  let quoted = '';
  const bare = rest.replace(/(?<= )([A-Z]{1,4})="((?:[^"\\]|\\.)*)"/g, (_, name: string, value: string) => {
    if (name === 'C') quoted = value;
    return `${name}=`;
  });
  const colon = bare.indexOf(': ');
  if (colon < 0) return { fields: bare, quoted, reason: bare.trim() };
  return { fields: bare.slice(0, colon), quoted, reason: bare.slice(colon + 2) };
}

/** The final address first; where it is no mailbox (a local part, a file, a pipe), the original is what the mail was for. */
function addressesOf(body: string): { recipient: string; originalRecipient: string | null; rest: string } | null {
  const [first = ''] = /^(?:"(?:[^"\\]|\\.)*"(?:@\S+)?|[|/].*?(?= <)|[^\s]+)/.exec(body) ?? [];
  const final = first.replace(/:$/, '');
  if (final === '') return null;
  const after = body.slice(final.length);
  const [shown = '', original = ''] = /^(?: \([^)]{0,500}\))? <((?:"(?:[^"\\]|\\.)*"|[^>"])*)>/.exec(after) ?? [];
  const rest = after.slice(shown.length);
  if (original === '' || original === final) return { recipient: final, originalRecipient: null, rest };
  const isMailbox = final.includes('@') && !/^[|/:]/.test(final);
  return { recipient: isMailbox ? final : original, originalRecipient: isMailbox ? original : null, rest };
}

function statusOf(text: string, fate: 'sent' | 'bounced' | 'deferred'): string | null {
  const found = ENHANCED.exec(text)?.[1] ?? null;
  if (found === null) return null;
  const fits = fate === 'sent' ? found.startsWith('2') : !found.startsWith('2');
  return fits ? found : null;
}
