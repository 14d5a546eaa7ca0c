import { exim } from './exim.js';
import { jsonEvents } from './json-events.js';
import type { LogFormat } from './log-event.js';
import { postfix } from './postfix.js';

/** One line a format. No line means something in two of them. */
export const LOG_FORMATS: readonly LogFormat[] = [postfix, exim, jsonEvents];

export const LOG_FORMAT_NAMES = ['auto', 'postfix', 'exim', 'events'] as const;
export type LogFormatName = (typeof LOG_FORMAT_NAMES)[number];

/** `auto`: whatever each line is. */
export function logFormat(name: LogFormatName): LogFormat {
  if (name === 'auto') return ANY;
  const found = LOG_FORMATS.find((format) => format.name === name);
  if (found === undefined) throw new Error(`no log format ${name}`);
  return found;
}

const ANY: LogFormat = {
  name: 'auto',
  parse(line, reference) {
    for (const format of LOG_FORMATS) {
      const event = format.parse(line, reference);
      if (event !== null) return event;
    }
    return null;
  },
};
