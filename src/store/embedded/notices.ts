import {
  MOST_WAITING_NOTICES,
  type NewNotice,
  NOTICE_KNOWN_MS,
  type NoticeChannel,
  type NoticeQueue,
  type NoticeTurn,
  type QueuedNotice,
} from '../contract.js';
import type { Database, Statement } from './database.js';

interface Turn {
  readonly account: string;
  readonly channel: NoticeChannel;
}

export class Notices {
  readonly #known: Statement<[string, string, string, number], { found: number }>;
  readonly #know: Statement<[string, string, string, number], never>;
  readonly #waiting: Statement<[string, string], { count: number }>;
  readonly #add: Statement<[string, string, string, number, string], never>;
  readonly #first: Statement<[string, string, number], QueuedNotice>;
  readonly #remove: Statement<[string, string, string], never>;
  readonly #due: Statement<[number], Turn>;
  readonly #all: Statement<[string], Turn>;
  readonly #ask: Statement<[string, string, number], never>;
  readonly #postpone: Statement<[string, string, number], never>;
  readonly #forget: Statement<[string, string], never>;

  constructor(database: Database) {
    const queue = 'channel = ? AND account = ?';
    this.#known = database.prepare(`SELECT 1 AS found FROM notice_keys WHERE ${queue} AND key = ? AND expires_at > ?`);
    this.#know = database.prepare(
      'INSERT OR REPLACE INTO notice_keys (channel, account, key, expires_at) VALUES (?, ?, ?, ?)',
    );
    this.#waiting = database.prepare(`SELECT COUNT(*) AS count FROM notices WHERE ${queue}`);
    this.#add = database.prepare('INSERT INTO notices (channel, account, key, at, body) VALUES (?, ?, ?, ?, ?)');
    this.#first = database.prepare(
      `SELECT channel, account, key, at, body FROM notices WHERE ${queue} ORDER BY seq LIMIT ?`,
    );
    this.#remove = database.prepare(`DELETE FROM notices WHERE ${queue} AND key = ?`);
    this.#due = database.prepare('SELECT channel, account FROM notice_turns WHERE due_at <= ? ORDER BY due_at LIMIT 1');
    this.#all = database.prepare(
      `SELECT channel, account FROM notice_turns WHERE ?1 = '' OR account = ?1 ORDER BY account, channel`,
    );
    this.#ask = database.prepare('INSERT OR IGNORE INTO notice_turns (channel, account, due_at) VALUES (?, ?, ?)');
    this.#postpone = database.prepare(
      'INSERT OR REPLACE INTO notice_turns (channel, account, due_at) VALUES (?, ?, ?)',
    );
    this.#forget = database.prepare(`DELETE FROM notice_turns WHERE ${queue}`);
  }

  queue(notices: readonly NewNotice[], now: number): { readonly queued: number; readonly dropped: number } {
    let queued = 0;
    let dropped = 0;
    for (const { channel, account, key, body } of notices) {
      if (this.#known.get(channel, account, key, now) !== undefined) continue;
      if ((this.#waiting.get(channel, account)?.count ?? 0) >= MOST_WAITING_NOTICES) {
        dropped += 1;
        continue;
      }
      this.#know.run(channel, account, key, now + NOTICE_KNOWN_MS);
      this.#add.run(channel, account, key, now, body);
      this.#ask.run(channel, account, now);
      queued += 1;
    }
    return { queued, dropped };
  }

  take({ limit, ttlMs }: { readonly limit: number; readonly ttlMs: number }, now: number): NoticeTurn | null {
    for (;;) {
      const turn = this.#due.get(now);
      if (turn === undefined) return null;
      const { channel, account } = turn;
      const notices = this.#first.all(channel, account, limit);
      if (notices.length > 0) {
        this.#postpone.run(channel, account, now + ttlMs);
        return { channel, account, notices: notices.map(plainRow) };
      }
      // It had been told lately, and nothing has come since.
      this.#forget.run(channel, account);
    }
  }

  settle({ channel, account }: NoticeQueue, told: readonly string[], againAfterMs: number, now: number): void {
    for (const key of told) this.#remove.run(channel, account, key);
    this.#postpone.run(channel, account, now + againAfterMs);
  }

  waiting({ account, limit }: { readonly account?: string; readonly limit: number }): QueuedNotice[] {
    return this.#all
      .all(account ?? '')
      .flatMap((turn) => this.#first.all(turn.channel, turn.account, limit).map(plainRow));
  }
}

function plainRow({ channel, account, key, at, body }: QueuedNotice): QueuedNotice {
  return { channel, account, key, at, body };
}
