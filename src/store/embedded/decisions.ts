/** The journal of decisions: positions are sequence numbers without gaps. */

import type { DecisionBounds, DecisionPage, DecisionQuery, StoredDecision } from '../contract.js';
import type { Database, SqlValue, Statement } from './database.js';

interface Row {
  readonly seq: number;
  readonly id: string;
  readonly at: number;
  readonly account: string | null;
  readonly verdict: StoredDecision['verdict'];
  readonly rules: string;
  readonly body: string;
}

/** How many may go in one call, beside as many as came: lower bounds take effect little by little, and nobody waits. */
const EXTRA_REMOVALS = 200;
const OLDEST_AT_ONCE = 20;

const COLUMNS = 'seq, id, at, account, verdict, rules, body';
const WITH_RULE = 'seq IN (SELECT seq FROM decision_rules WHERE rule = ?)';

export class Decisions {
  readonly #database: Database;
  readonly #add: Statement<[string, number, string | null, string, string, string], never>;
  readonly #added: Statement<[], { seq: number }>;
  readonly #addRule: Statement<[string, number], never>;
  readonly #last: Statement<[], { seq: number }>;
  readonly #oldest: Statement<[number], { seq: number; at: number; rules: string }>;
  readonly #remove: Statement<[number], never>;
  readonly #removeRule: Statement<[string, number], never>;
  readonly #pages = new Map<string, Statement<SqlValue[], Row>>();

  constructor(database: Database) {
    this.#database = database;
    this.#add = database.prepare(
      'INSERT INTO decisions (id, at, account, verdict, rules, body) VALUES (?, ?, ?, ?, ?, ?)',
    );
    this.#added = database.prepare('SELECT last_insert_rowid() AS seq');
    this.#addRule = database.prepare('INSERT OR IGNORE INTO decision_rules (rule, seq) VALUES (?, ?)');
    this.#last = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'decisions'");
    this.#oldest = database.prepare('SELECT seq, at, rules FROM decisions ORDER BY seq LIMIT ?');
    this.#remove = database.prepare('DELETE FROM decisions WHERE seq = ?');
    this.#removeRule = database.prepare('DELETE FROM decision_rules WHERE rule = ? AND seq = ?');
  }

  append(decisions: readonly StoredDecision[], bounds: DecisionBounds, now: number): void {
    for (const { id, at, account, verdict, rules, body } of decisions) {
      this.#add.run(id, at, account, verdict, JSON.stringify(rules), body);
      const seq = this.#added.get()?.seq ?? 0;
      for (const rule of rules) this.#addRule.run(rule, seq);
    }
    this.#trim(bounds, decisions.length + EXTRA_REMOVALS, now);
  }

  page(query: DecisionQuery): DecisionPage {
    return query.after === undefined ? this.#newestFirst(query) : this.#oldestFirst(query, query.cursor ?? query.after);
  }

  #newestFirst(query: DecisionQuery): DecisionPage {
    const last = this.#lastPosition();
    const before = query.cursor === undefined ? last + 1 : Number(query.cursor);
    const { rows, more } = this.#find(query, 'seq < ?', before, 'DESC');
    // Later pages tell the newest of their own, so that who follows from there misses nothing.
    const newest = query.cursor === undefined ? last : (rows[0]?.seq ?? before - 1);
    return { items: rows.map(fromRow), next: more ? String(rows.at(-1)?.seq) : null, position: String(newest) };
  }

  #oldestFirst(query: DecisionQuery, after: string): DecisionPage {
    const last = this.#lastPosition();
    const { rows, more } = this.#find(query, 'seq > ?', Number(after), 'ASC');
    const position = String(more ? rows.at(-1)?.seq : Math.max(last, Number(after)));
    return { items: rows.map(fromRow), next: more ? position : null, position };
  }

  #find(query: DecisionQuery, start: string, seq: number, order: 'ASC' | 'DESC'): { rows: Row[]; more: boolean } {
    const conditions = [start];
    const values: SqlValue[] = [seq];
    const ask = (condition: string, value: SqlValue | undefined) => {
      if (value === undefined) return;
      conditions.push(condition);
      values.push(value);
    };
    ask('account = ?', query.account);
    ask('id = ?', query.id);
    ask(WITH_RULE, query.rule);
    // Said twice, as only the literal lets SQLite use the index of objections.
    ask(query.verdict === 'pass' ? 'verdict = ?' : "verdict = ? AND verdict <> 'pass'", query.verdict);
    ask('at >= ?', query.since);
    const source = `WHERE ${conditions.join(' AND ')} ORDER BY seq ${order} LIMIT ?`;
    const found = this.#prepared(source).all(...values, query.limit + 1);
    return { rows: found.slice(0, query.limit), more: found.length > query.limit };
  }

  /** They were appended in the order of their times, more or less: the first that stays ends the search. */
  #trim({ maxAgeMs, maxCount }: DecisionBounds, most: number, now: number): void {
    const surplusUpTo = this.#lastPosition() - maxCount;
    for (let removed = 0; removed < most; ) {
      const oldest = this.#oldest.all(Math.min(OLDEST_AT_ONCE, most - removed));
      for (const { seq, at, rules } of oldest) {
        if (seq > surplusUpTo && at >= now - maxAgeMs) return;
        this.#remove.run(seq);
        for (const rule of rulesOf(rules)) this.#removeRule.run(rule, seq);
        removed += 1;
      }
      if (oldest.length === 0) return;
    }
  }

  #lastPosition(): number {
    return this.#last.get()?.seq ?? 0;
  }

  #prepared(rest: string): Statement<SqlValue[], Row> {
    const prepared =
      this.#pages.get(rest) ?? this.#database.prepare<SqlValue[], Row>(`SELECT ${COLUMNS} FROM decisions ${rest}`);
    this.#pages.set(rest, prepared);
    return prepared;
  }
}

function fromRow({ id, at, account, verdict, rules, body }: Row): StoredDecision {
  return { id, at, account, verdict, rules: rulesOf(rules), body };
}

function rulesOf(stored: string): string[] {
  const rules: unknown = JSON.parse(stored);
  return Array.isArray(rules) ? rules.map(String) : [];
}
