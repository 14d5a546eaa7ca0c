import type { SessionAnswer, SessionRequest } from '../contract.js';
import type { Database, Statement } from './database.js';
import type { Windows } from './windows.js';

type SessionId = Pick<SessionRequest, 'session' | 'subject'>;

export class Sessions {
  readonly #windows: Windows;
  readonly #ttlMs: number;
  readonly #count: Statement<[string, number], { open: number }>;
  readonly #put: Statement<[string, string, number], never>;
  readonly #renew: Statement<[number, string, string, number], never>;
  readonly #remove: Statement<[string, string], never>;

  constructor(database: Database, windows: Windows, ttlMs: number) {
    this.#windows = windows;
    this.#ttlMs = ttlMs;
    this.#count = database.prepare('SELECT COUNT(*) AS open FROM sessions WHERE subject = ? AND expires_at > ?');
    this.#put = database.prepare('INSERT OR REPLACE INTO sessions (subject, session, expires_at) VALUES (?, ?, ?)');
    this.#renew = database.prepare(
      'UPDATE sessions SET expires_at = ? WHERE subject = ? AND session = ? AND expires_at > ?',
    );
    this.#remove = database.prepare('DELETE FROM sessions WHERE subject = ? AND session = ?');
  }

  open({ session, subject, concurrent, limits }: SessionRequest, now: number): SessionAnswer {
    const view = this.#windows.at(now);
    const open = this.#count.get(subject, now)?.open ?? 0;
    const usage = limits.map((limit) => view.usage(subject, limit, 1));
    const tooMany = concurrent?.enforced === true && open + 1 > concurrent.count;
    const granted = !tooMany && usage.every(({ over, limit }) => !(over && limit.enforced));
    if (!granted) return { granted, concurrent: open, usage };
    this.#put.run(subject, session, now + this.#ttlMs);
    view.charge(subject, limits, () => 1);
    return {
      granted,
      concurrent: open + 1,
      usage: usage.map((use) => ({ ...use, used: view.used(subject, use.limit) })),
    };
  }

  renew({ session, subject }: SessionId, now: number): void {
    this.#renew.run(now + this.#ttlMs, subject, session, now);
  }

  close({ session, subject }: SessionId): void {
    this.#remove.run(subject, session);
  }
}
