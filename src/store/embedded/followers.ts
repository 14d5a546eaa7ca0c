import type { Database, Statement } from './database.js';

/** Who follows which source, and how far it came. */
export class Followers {
  readonly #find: Statement<[string], { holder: string; until: number; position: string | null }>;
  readonly #take: Statement<[string, string, number], never>;
  readonly #keep: Statement<[string, string, string], never>;
  readonly #end: Statement<[string, string], never>;

  constructor(database: Database) {
    this.#find = database.prepare('SELECT holder, until, position FROM followers WHERE source = ?');
    this.#take = database.prepare(
      `INSERT INTO followers (source, holder, until) VALUES (?, ?, ?)
       ON CONFLICT DO UPDATE SET holder = excluded.holder, until = excluded.until`,
    );
    this.#keep = database.prepare('UPDATE followers SET position = ? WHERE source = ? AND holder = ?');
    this.#end = database.prepare('UPDATE followers SET until = 0 WHERE source = ? AND holder = ?');
  }

  take(source: string, holder: string, ttlMs: number, now: number): { readonly position: string | null } | null {
    const known = this.#find.get(source);
    if (known !== undefined && known.holder !== holder && known.until > now) return null;
    this.#take.run(source, holder, now + ttlMs);
    return { position: known?.position ?? null };
  }

  keep(source: string, holder: string, position: string): boolean {
    return this.#keep.run(position, source, holder) > 0;
  }

  end(source: string, holder: string): void {
    this.#end.run(source, holder);
  }
}
