/** What `sluice` exits with, so that scripts can tell answers from troubles. */

export const EXIT = {
  ok: 0,
  /** The answer is no: suppressed, rejected, not found, nothing to remove. */
  negative: 1,
  /** The command line is wrong. */
  usage: 2,
  /** The config, or another file named on the command line, is missing or wrong. */
  config: 3,
  /** The store does not answer, or is not one that this Sluice can use. */
  store: 4,
  /** The service could not start: an address is taken, a certificate cannot be read. */
  service: 5,
  /** Rows of an import are wrong, and nothing was written or the bad rows were left out. */
  data: 6,
  /** A question about mail: it would be deferred. Where it would be rejected: `negative`. */
  deferred: 7,
  /** A bug; the message says where. */
  bug: 70,
  /** Stopped by Ctrl-C. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_MEANINGS: readonly (readonly [ExitCode, string])[] = [
  [EXIT.ok, 'done; for questions: yes'],
  [EXIT.negative, 'a negative answer: suppressed, rejected, not found, nothing to remove'],
  [EXIT.usage, 'wrong command line'],
  [EXIT.config, 'config or another named file is missing or wrong'],
  [EXIT.store, 'the store is unavailable'],
  [EXIT.service, 'the service could not start'],
  [EXIT.data, 'an import had bad rows (skipped, or all refused)'],
  [EXIT.deferred, 'mail would be deferred'],
  [EXIT.bug, 'a bug in sluice'],
  [EXIT.interrupted, 'interrupted'],
];

/** Ends the command: one line on stderr, and the exit code. */
export class Failure extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'Failure';
  }
}
