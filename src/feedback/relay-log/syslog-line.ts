import { readStamp } from './timestamps.js';

/** A line of syslog, taken apart. */
export interface SyslogLine {
  readonly at: number;
  readonly host: string;
  /** `postfix/smtp`, `postfix-out/cleanup`, `exim`. */
  readonly program: string;
  readonly message: string;
}

/** RFC 5424 §6: version, time, host, program, process, message id, structured data. */
const RFC_5424 = /^1 (\S+) (\S+) (\S+) \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.){0,2000}\])+) (?:\ufeff)?(.*)$/s;
const TAGGED = /^(?:([^\s[\]]{1,255}) )?([A-Za-z0-9._/@+-]{1,128})(?:\[[^\]\s]{1,64}\])?: (.*)$/s;

/**
 * The shapes in which syslog daemons, Postfix' own log file and journald write:
 * RFC 3164 and RFC 3339 times, with a priority in front or without, RFC 5424,
 * `journalctl -o json`. Null: none of them.
 */
export function parseSyslogLine(line: string, reference: number): SyslogLine | null {
  if (line.startsWith('{')) return fromJournal(line);
  const text = line.startsWith('<') ? line.replace(/^<\d{1,3}>/, '') : line;
  if (text.startsWith('1 ')) return fromRfc5424(text, reference);
  const stamp = readStamp(text, reference);
  if (stamp === null) return null;
  const [, host = '', program = '', message] = TAGGED.exec(stamp.rest) ?? [];
  return message === undefined ? null : { at: stamp.at, host, program, message };
}

function fromRfc5424(text: string, reference: number): SyslogLine | null {
  const [, time = '', host = '', program = '', message] = RFC_5424.exec(text) ?? [];
  const stamp = readStamp(`${time} `, reference);
  return message === undefined || stamp === null ? null : { at: stamp.at, host, program, message };
}

/** systemd.journal-fields(7); a field that is no UTF-8 comes as an array of octets. */
function fromJournal(line: string): SyslogLine | null {
  const entry = parsed(line);
  const message = textOf(entry.MESSAGE);
  const at = Number(entry.__REALTIME_TIMESTAMP) / 1000;
  if (message === null || !Number.isFinite(at)) return null;
  const program = textOf(entry.SYSLOG_IDENTIFIER) ?? '';
  return { at: Math.floor(at), host: textOf(entry._HOSTNAME) ?? '', program, message };
}

function parsed(line: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value) || !value.every((octet) => Number.isInteger(octet))) return null;
  return Buffer.from(value).toString('utf8');
}
