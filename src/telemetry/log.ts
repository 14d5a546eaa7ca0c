/** The log: one JSON object a line, on standard output unless told otherwise. */

import { type DestinationStream, destination, type Logger, pino } from 'pino';
import type { Decision } from '../ledger/decision.js';
import { errorFields } from './error-fields.js';
import { LISTED_RECIPIENTS, transactionLine } from './log-fields.js';
import { redactAddresses, redactLocalPart, redactValue } from './redaction.js';

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
  /** The level of a config; it ends `switchDebug`. */
  setLevel(level: LogLevel): void;
  /** To `debug` and, the next time, back to the level of the config. From `trace` there is nothing to switch on. */
  switchDebug(): void;
  /** The setting of a reloaded config. */
  setRedaction(redact: boolean): void;
  /** Resolves when every line so far is written. */
  flush(): Promise<void>;
}

export function createLog(options: LogOptions): Log {
  // Asynchronous: a slow reader of the log must not hold up mail.
  const stream = options.destination ?? destination({ dest: 1, sync: false, maxLength: MAX_UNWRITTEN_OCTETS });
  let configured = options.level;
  let redact = options.redactAddresses;
  const logger = pino(
    {
      level: options.level,
      base: { ...options.base },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        // Here, so that no line is forgotten, whoever writes it.
        log: (fields) => (redact ? withoutAddresses(fields) : fields),
      },
      serializers: { err: (error: unknown) => errorFields(error, redact ? redactAddresses : asItIs) },
    },
    stream,
  );
  return {
    pino: logger,
    get level() {
      return logger.level as LogLevel;
    },
    setLevel(next) {
      configured = next;
      logger.level = next;
    },
    switchDebug() {
      logger.level = logger.level === configured && !logger.isLevelEnabled('debug') ? 'debug' : configured;
    },
    setRedaction(next) {
      redact = next;
    },
    transaction(decision) {
      if (!logger.isLevelEnabled('info')) return;
      logger.info(transactionLine(redact ? withoutLocalParts(decision) : decision), 'transaction');
    },
    flush: () =>
      new Promise((resolve, reject) => logger.flush((error) => (error === undefined ? resolve() : reject(error)))),
  };
}

function asItIs(text: string): string {
  return text;
}

function withoutAddresses(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactValue(value)]));
}

/** Relays also say `jane.doe: user unknown`, where nothing but the transaction tells that it is an address. */
function withoutLocalParts(decision: Decision): Decision {
  const { reversePath, recipients } = decision;
  const mailboxes = [reversePath ?? '', ...recipients.slice(0, LISTED_RECIPIENTS).map(({ address }) => address)];
  const hide = (reply: string, by: Decision['by'], known: readonly string[]): string =>
    by === 'relay' ? known.reduce(redactLocalPart, reply) : reply;
  return {
    ...decision,
    reply: hide(decision.reply, decision.by, mailboxes),
    recipients: recipients.map((one) => ({ ...one, reply: hide(one.reply, one.by, [one.address, reversePath ?? '']) })),
  };
}
