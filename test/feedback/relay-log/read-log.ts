import { readFileSync } from 'node:fs';
import { logFormat } from '../../../src/feedback/relay-log/formats.js';
import { LogLines } from '../../../src/feedback/relay-log/log-lines.js';
import { type LogOutcome, RelayLog } from '../../../src/feedback/relay-log/relay-log.js';

/** When the fixtures were "written", for times without a year. */
export const WRITTEN = Date.parse('2026-12-01T00:00:00Z');

export function readLog(text: string | Buffer, chunk = 1000): LogOutcome[] {
  const log = new RelayLog(logFormat('auto'));
  const lines = new LogLines();
  const octets = Buffer.from(text);
  const out: LogOutcome[] = [];
  const take = (line: string): void => {
    out.push(...log.line(line, WRITTEN));
  };
  for (let from = 0; from < octets.length; from += chunk) lines.push(octets.subarray(from, from + chunk), take);
  lines.end(take);
  return [...out, ...log.end()];
}

export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

/** `recipient fate status class chain`, what most tests are about. */
export function brief({ fate, outcome, chain }: LogOutcome): string {
  const { recipient, status, class: fault } = outcome;
  return [recipient, fate, status ?? '-', fault, chain.join('>')].join(' ');
}
