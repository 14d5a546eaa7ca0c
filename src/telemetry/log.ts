/** The log: one JSON object a line, on standard output unless told otherwise. */

import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { Decision } from '../ledger/decision.js';
import { transactionLine } from './log-fields.js';
import { redactAddresses } from './redaction.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is thrown away when nobody reads the log: memory must not fill up with it. */
const MAX_UNWRITTEN_OCTETS = 16 * 1024 * 1024;

export interface LogOptions {
  readonly level: LogLevel;
  /** Local parts of addresses as hashes (`redaction.ts`). */
  readonly redactAddresses: boolean;
  /** Fields of every line, such as the worker's number. */
  readonly base?: { readonly [field: string]: string | number };
  /** Default: standard output. */
  readonly destination?: DestinationStream;
}

export interface Log {
  /** For everything but transactions: `log.pino.warn({ relay }, 'the relay is down')`. */
  readonly pino: Logger;
  /** The line of one transaction (log-fields.ts), at level `info`. */
  transaction(decision: Decision): void;
  readonly level: LogLevel;
  setLevel(level: LogLevel): void;
  /** The setting of a reloaded config. */
  setRedaction(redact: boolean): void;
  /** A text of a client or a relay as it may stand in the log. */
  shown(text: string): string;
  /** Resolves when every line so far is written. */
  flush(): Promise<void>;
}

export function createLog(options: LogOptions): Log {
  // Asynchronous: a slow reader of the log must not hold up mail.
  const stream = options.destination ?? destination({ dest: 1, sync: false, maxLength: MAX_UNWRITTEN_OCTETS });
  const logger = pino(
    {
      level: options.level,
      base: { ...options.base },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  let level = options.level;
  let redact = options.redactAddresses;
  const shown = (text: string): string => (redact ? redactAddresses(text) : text);
  return {
    pino: logger,
    get level() {
      return level;
    },
    setLevel(next) {
      level = next;
      logger.level = next;
    },
    setRedaction(next) {
      redact = next;
    },
    shown,
    transaction(decision) {
      if (logger.isLevelEnabled('info')) logger.info(transactionLine(decision, shown), 'transaction');
    },
    flush: () =>
      new Promise((resolve, reject) => logger.flush((error) => (error === undefined ? resolve() : reject(error)))),
  };
}
