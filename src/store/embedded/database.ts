/**
 * The SQLite file: opening it, whatever other processes do at the same moment,
 * and running each verb's work as one transaction within the time limit.
 */

import { closeSync, openSync } from 'node:fs';
import { setTimeout as pauseFor } from 'node:timers/promises';
import Libsql from 'libsql';
import { SCHEMA_VERSION, SchemaTooNew, StoreUnavailable } from '../contract.js';
import { ADDED_TABLES, APPLICATION_ID, SCHEMA } from './schema.js';

export type SqlValue = string | number | null;

/** A prepared statement: what goes in, what a row looks like. */
export interface Statement<Parameters extends SqlValue[], Row> {
  get(...parameters: Parameters): Row | undefined;
  all(...parameters: Parameters): Row[];
  /** How many rows it changed. */
  run(...parameters: Parameters): number;
}

interface Work {
  readonly verb: string;
  readonly deadline: number;
  /** Runs it inside a transaction; the returned function tells the caller. */
  run(): () => void;
  fail(cause: unknown): void;
}

/** How long SQLite itself waits for another process' transaction, which blocks this one: short, then we wait without blocking. */
const BLOCKING_WAIT_MS = 5;
const PAUSE_MS = 2;
const OPENING_WITHIN_MS = 10_000;
/** The write-ahead log shrinks to this when it was folded into the file. */
const MAX_WAL_OCTETS = 64 * 1024 * 1024;

export class Database {
  readonly #sql: Libsql.Database;
  readonly #callTimeoutMs: number;
  #waiting: Work[] = [];
  #flushing = false;
  #closed = false;
  #rowsChanged = 0;

  private constructor(sql: Libsql.Database, callTimeoutMs: number) {
    this.#sql = sql;
    this.#callTimeoutMs = callTimeoutMs;
  }

  /** @throws StoreUnavailable, SchemaTooNew */
  static async open(path: string, callTimeoutMs: number): Promise<Database> {
    const deadline = performance.now() + OPENING_WITHIN_MS;
    for (;;) {
      try {
        return new Database(connect(path), callTimeoutMs);
      } catch (error) {
        if (error instanceof SchemaTooNew) throw error;
        // Two processes that create the file at once can meet while it turns to WAL.
        if (!isBusy(error) || performance.now() > deadline) throw new StoreUnavailable('open', { cause: error });
        await pauseFor(PAUSE_MS);
      }
    }
  }

  prepare<Parameters extends SqlValue[], Row = never>(source: string): Statement<Parameters, Row> {
    const statement = this.#sql.prepare<SqlValue[]>(source);
    return {
      get: (...parameters) => statement.get(...parameters) as Row | undefined,
      all: (...parameters) => statement.all(...parameters) as Row[],
      run: (...parameters) => {
        const { changes } = statement.run(...parameters);
        this.#rowsChanged += changes;
        return changes;
      },
    };
  }

  /** Rows changed by this process since it opened the store. */
  get rowsChanged(): number {
    return this.#rowsChanged;
  }

  /**
   * Runs `work` in a transaction that no other writer shares. Works that are
   * asked for in one turn of the event loop share one, as its begin and end
   * cost as much as a work. `work` may run twice, if its first transaction was
   * undone.
   */
  write<T>(verb: string, work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({
        verb,
        deadline: performance.now() + this.#callTimeoutMs,
        run: () => {
          const answer = work();
          return () => resolve(answer);
        },
        fail: (cause) => reject(this.#failure(verb, cause)),
      });
      if (this.#flushing) return;
      this.#flushing = true;
      setImmediate(() => void this.#flush());
    });
  }

  /** Runs `work`, which only reads, on one state of the data. */
  async read<T>(verb: string, work: () => T): Promise<T> {
    const deadline = performance.now() + this.#callTimeoutMs;
    for (;;) {
      try {
        return this.#transaction('DEFERRED', work);
      } catch (error) {
        if (!isBusy(error) || performance.now() > deadline) throw this.#failure(verb, error);
        await pauseFor(PAUSE_MS);
      }
    }
  }

  /** Writes what changes nothing: fails where a write would. @throws StoreUnavailable, SchemaTooNew */
  touch(verb: string): Promise<void> {
    return this.write(verb, () => {
      const found = numberOf(this.#sql, 'user_version');
      if (found > SCHEMA_VERSION) throw new SchemaTooNew(found, this.#sql.name);
      this.#sql.pragma(`user_version = ${found}`);
    });
  }

  /** Finishes what was asked for before, and closes the file. */
  async close(): Promise<void> {
    if (this.#closed) return;
    if (this.#waiting.length > 0) await this.write('close', () => undefined).catch(() => undefined);
    if (this.#closed) return;
    this.#closed = true;
    this.#sql.close();
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        this.#runAll(batch);
      } catch (error) {
        if (isBusy(error)) await this.#postpone(batch, error);
        else this.#runEach(batch, error);
      }
    }
    this.#flushing = false;
  }

  #runAll(batch: readonly Work[]): void {
    const answers = this.#transaction('IMMEDIATE', () => batch.map((work) => work.run()));
    for (const answer of answers) answer();
  }

  /** One of them failed: each gets a transaction of its own, so that it fails alone. */
  #runEach(batch: readonly Work[], error: unknown): void {
    for (const work of batch) {
      try {
        if (batch.length === 1) throw error;
        this.#runAll([work]);
      } catch (cause) {
        work.fail(cause);
      }
    }
  }

  /** Another process is writing. */
  async #postpone(batch: readonly Work[], cause: unknown): Promise<void> {
    const now = performance.now();
    for (const work of batch) if (work.deadline <= now) work.fail(cause);
    this.#waiting = [...batch.filter((work) => work.deadline > now), ...this.#waiting];
    await pauseFor(PAUSE_MS);
  }

  #transaction<T>(kind: 'IMMEDIATE' | 'DEFERRED', work: () => T): T {
    if (this.#closed) throw new StoreClosed();
    this.#sql.exec(`BEGIN ${kind}`);
    try {
      const answer = work();
      this.#sql.exec('COMMIT');
      return answer;
    } catch (error) {
      if (this.#sql.inTransaction) this.#sql.exec('ROLLBACK');
      throw error;
    }
  }

  #failure(verb: string, cause: unknown): unknown {
    const expected = cause instanceof Libsql.SqliteError || cause instanceof StoreClosed;
    return expected ? new StoreUnavailable(verb, { cause }) : cause;
  }
}

class StoreClosed extends Error {
  constructor() {
    super('it was closed');
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Libsql.SqliteError && error.code.startsWith('SQLITE_BUSY');
}

function connect(path: string): Libsql.Database {
  // It holds password hashes: the file is for its owner; SQLite gives its companions the same mode.
  closeSync(openSync(path, 'a', 0o600));
  const sql = new Libsql(path, { timeout: BLOCKING_WAIT_MS });
  try {
    sql.pragma('journal_mode = WAL');
    // A power cut may cost the last moments, never the file. A crash of the process costs nothing.
    sql.pragma('synchronous = NORMAL');
    sql.pragma(`journal_size_limit = ${MAX_WAL_OCTETS}`);
    layOut(sql, path);
    return sql;
  } catch (error) {
    sql.close();
    throw error;
  }
}

/** Creates the tables in an empty file; refuses a newer layout, and files of others. */
function layOut(sql: Libsql.Database, path: string): void {
  sql.exec('BEGIN IMMEDIATE');
  try {
    const found = numberOf(sql, 'user_version');
    if (numberOf(sql, 'application_id') !== APPLICATION_ID) {
      const { tables } = sql.prepare('SELECT COUNT(*) AS tables FROM sqlite_schema').get() as { tables: number };
      if (tables > 0 || found > 0) throw new Error(`${path} is a database of another program`);
      sql.exec(SCHEMA);
      sql.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${SCHEMA_VERSION};`);
    } else if (found > SCHEMA_VERSION) {
      throw new SchemaTooNew(found, path);
    }
    sql.exec(ADDED_TABLES);
    sql.exec('COMMIT');
  } catch (error) {
    if (sql.inTransaction) sql.exec('ROLLBACK');
    throw error;
  }
}

function numberOf(sql: Libsql.Database, pragma: 'user_version' | 'application_id'): number {
  const row = sql.prepare(`SELECT ${pragma} AS value FROM pragma_${pragma}`).get() as { value: number };
  return row.value;
}
