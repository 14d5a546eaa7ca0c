/** What is measured: something that takes SMTP on one port and hands it on to a sink. */

import type { Cleanup } from '../test/support/redis.js';

export interface Surroundings {
  /** Everything that is started ends with it. */
  readonly cleanup: Cleanup;
  /** A folder of the bench's own. */
  readonly folder: string;
  /** Where mail is handed on to. */
  readonly sink: number;
}

export interface RunningSubject {
  readonly port: number;
  /** The processes whose CPU counts, and with them all their children. */
  readonly pids: readonly number[];
}

export interface Subject {
  readonly name: string;
  /** What stands in the way of a message, for the report. */
  readonly what: string;
  /** Throws NotHere when the machine lacks a program. */
  start(around: Surroundings): Promise<RunningSubject>;
}

/** The subject cannot be measured on this machine; the message says what is missing. */
export class NotHere extends Error {}
