import type { DecisionBounds, DecisionPage, DecisionQuery, StoredDecision } from '../contract.js';
import { inOneList } from './groups.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import type { Argument } from './script-call.js';

/** Decisions in one call: their bodies are a few kB each. */
const APPENDED_PER_CALL = 100;
/** Entries read at once, and at most for one page: a rare filter must not hold Redis up. */
const READ_AT_ONCE = 500;
const READ_AT_MOST = 10_000;

/** Redis' clock may have been set meanwhile. */
const CLOCK_MARGIN_MS = 1_000;
const MOST_DOUBTFUL = 20_000;

const BEGINNING = '0-0';

/** A stream entry: its id, and field names and values in turn. */
type Entry = [string, string[]];

/** Decisions: one stream, bounded by age and number. */
export class DecisionLog {
  /** Whose append failed, perhaps only after Redis had done it, and when that began. */
  readonly #doubtful = new Map<string, number>();

  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  async append(decisions: readonly StoredDecision[], bounds: DecisionBounds): Promise<void> {
    const began = performance.now();
    const calls: Promise<void>[] = [];
    for (let from = 0; from < decisions.length; from += APPENDED_PER_CALL) {
      calls.push(this.#appendSome(decisions.slice(from, from + APPENDED_PER_CALL), bounds));
    }
    // All of them are heard, so that it is known which must be looked for.
    const failed = (await Promise.allSettled(calls)).find((call) => call.status === 'rejected');
    if (failed !== undefined) {
      for (const { id } of decisions) this.#remember(id, began);
      throw failed.reason;
    }
    for (const { id } of decisions) this.#doubtful.delete(id);
  }

  async #appendSome(decisions: readonly StoredDecision[], { maxAgeMs, maxCount }: DecisionBounds): Promise<void> {
    const firstTries = decisions.map(({ id }) => this.#doubtful.get(id) ?? Number.POSITIVE_INFINITY);
    const lookBack = Math.max(0, performance.now() - Math.min(...firstTries));
    const head = [this.link.clock(), maxAgeMs, maxCount, Math.ceil(lookBack)];
    const each = decisions.map(
      ({ id, at, account, verdict, rules, body }) => [id, at, account ?? '', verdict, rules.join(' '), body] as const,
    );
    const args = inOneList<Argument>([head, ...each]);
    await this.link.script('appendDecisions', 'append-decisions', [this.keys.decisions], args);
  }

  /** The first try counts: from then on it may be in the store. */
  #remember(id: string, began: number): void {
    if (!this.#doubtful.has(id)) this.#doubtful.set(id, began - CLOCK_MARGIN_MS);
    if (this.#doubtful.size <= MOST_DOUBTFUL) return;
    const [oldest] = this.#doubtful.keys();
    if (oldest !== undefined) this.#doubtful.delete(oldest);
  }

  decisions(query: DecisionQuery): Promise<DecisionPage> {
    return query.after === undefined ? this.#newestFirst(query) : this.#following(query, query.after);
  }

  async #newestFirst(query: DecisionQuery): Promise<DecisionPage> {
    const oldest = query.since === undefined ? '-' : `${query.since}`;
    const fetch = (from: string) => this.#range('XREVRANGE', from, oldest);
    const start = query.cursor === undefined ? '+' : `(${query.cursor}`;
    const { items, first, last, ended } = await scan(query, start, fetch);
    return { items, position: first ?? query.cursor ?? BEGINNING, next: ended ? null : last };
  }

  async #following(query: DecisionQuery, after: string): Promise<DecisionPage> {
    const fetch = (from: string) => this.#range('XRANGE', from, '+');
    const { items, last } = await scan(query, `(${after}`, fetch);
    return { items, position: last ?? after, next: null };
  }

  async #range(command: 'XRANGE' | 'XREVRANGE', from: string, to: string): Promise<Entry[]> {
    const args = [this.keys.decisions, from, to, 'COUNT', READ_AT_ONCE];
    return (await this.link.command('decisions', command, ...args)) as unknown as Entry[];
  }
}

interface Scan {
  readonly items: readonly StoredDecision[];
  /** Ids of the first and the last entry that was looked at. */
  readonly first: string | null;
  readonly last: string | null;
  /** No entry is left behind the last. */
  readonly ended: boolean;
}

async function scan(query: DecisionQuery, start: string, fetch: (from: string) => Promise<Entry[]>): Promise<Scan> {
  const items: StoredDecision[] = [];
  let first: string | null = null;
  let last: string | null = null;
  for (let read = 0; read < READ_AT_MOST; read += READ_AT_ONCE) {
    const entries = await fetch(last === null ? start : `(${last}`);
    for (const [id, fields] of entries) {
      if (items.length === query.limit) return { items, first, last, ended: false };
      first ??= id;
      last = id;
      const decision = readDecision(fields);
      if (isAsked(decision, query)) items.push(decision);
    }
    if (entries.length < READ_AT_ONCE) return { items, first, last, ended: true };
  }
  return { items, first, last, ended: false };
}

function isAsked(decision: StoredDecision, { id, account, rule, verdict, since }: DecisionQuery): boolean {
  return (
    (id === undefined || decision.id === id) &&
    (account === undefined || decision.account === account) &&
    (rule === undefined || decision.rules.includes(rule)) &&
    (verdict === undefined || decision.verdict === verdict) &&
    (since === undefined || decision.at >= since)
  );
}

function readDecision(flat: readonly string[]): StoredDecision {
  const [, id = '', , at = '0', , account = '', , verdict = 'pass', , rules = '', , body = ''] = flat;
  return {
    id,
    at: Number(at),
    account: account === '' ? null : account,
    verdict: verdict as StoredDecision['verdict'],
    rules: rules === '' ? [] : rules.split(' '),
    body,
  };
}
