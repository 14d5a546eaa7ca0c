/** The log: one JSON object a line, on standard output unless told otherwise. */

import { type DestinationStream, type Logger, pino } from 'pino';
import type { Decision } from '../ledger/decision.js';
import { errorFields } from './error-fields.js';
import { isoTime } from './iso-time.js';
import { LineWriter } from './line-writer.js';
import { LISTED_RECIPIENTS, transactionLine } from './log-fields.js';
import { redactAddresses, redactLocalPart, redactValue } from './redaction.js';

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const STANDARD_OUTPUT = 1;

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
  const stream = options.destination ?? new LineWriter(STANDARD_OUTPUT);
  let configured = options.level;
  let redact = options.redactAddresses;
  const logger = pino(
    {
      level: options.level,
      base: { ...options.base },
      timestamp: () => `,"time":"${isoTime(Date.now())}"`,
      formatters: {
        level: (label) => ({ level: label }),
        // Here, so that no line is forgotten, whoever writes it.
        log: (fields) => (redact ? withoutAddresses(fields) : fields),
      },
      serializers: { err: (error: unknown) => errorFields(error, redact ? redactAddresses : asItIs) },
    },
    stream,
  );
  const base = Object.keys(options.base ?? {}).length === 0 ? '' : `,${inner({ ...options.base })}`;
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
      const line = redact ? withoutAddresses(transactionLine(withoutLocalParts(decision))) : transactionLine(decision);
      // As pino would write it, at a third of the cost: it looks at each field for itself.
      stream.write(`{"level":"info","time":"${isoTime(Date.now())}"${base},${inner(line)},"msg":"transaction"}\n`);
    },
    flush: () =>
      new Promise((resolve, reject) => logger.flush((error) => (error === undefined ? resolve() : reject(error)))),
  };
}

/** The members of an object as JSON, without its braces. */
function inner(object: object): string {
  return JSON.stringify(object).slice(1, -1);
}

function asItIs(text: string): string {
  return text;
}

function withoutAddresses(fields: object): Record<string, unknown> {
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
