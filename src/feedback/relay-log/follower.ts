import { randomUUID } from 'node:crypto';
import { setTimeout as pauseFor } from 'node:timers/promises';
import type { FollowerPosition, OutcomeReport, Store } from '../../store/contract.js';
import type { Intake } from '../intake.js';
import type { LogFormat } from './log-event.js';
import type { LogSource } from './log-source.js';
import { type LogOutcome, RelayLog } from './relay-log.js';

export interface FollowerParts {
  readonly source: LogSource;
  readonly format: LogFormat;
  readonly store: Pick<Store, 'takeTurn' | 'keepPosition' | 'endTurn'>;
  readonly intake: Intake;
  /** It cannot go on for now; it tries again. Null: it goes on. */
  readonly onTrouble: (error: unknown) => void;
  readonly onTurn: () => void;
}

/** Another process takes over so long after this one died. */
const TURN_MS = 15_000;
const RENEW_MS = TURN_MS / 3;
const KEEP_MS = 1000;
const RETRY_MS = 2000;
/** Reports under way at once. */
const AT_ONCE = 64;
/** A message is remembered a moment after the relay took it, which is when the log may say what became of it. */
const AGAIN_AFTER_MS = 2000;
const MOST_AGAIN = 5000;

/** A report whose message was not there yet. */
interface Early {
  readonly report: OutcomeReport;
  readonly due: number;
  /** Where its line was not read yet. */
  readonly position: FollowerPosition;
}

/**
 * Follows a relay's log: of all processes one at a time, from where the last one
 * was. The position that is kept is behind everything that the store has not
 * been told, so that a restart loses nothing; what is told twice counts once.
 */
export class Follower {
  readonly #holder = randomUUID();
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: FollowerParts) {}

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { source, store, onTrouble } = this.parts;
    while (!this.#stop.signal.aborted) {
      try {
        const turn = await store.takeTurn(source.name, this.#holder, TURN_MS);
        if (turn !== null) await this.#follow(turn.position);
      } catch (error) {
        onTrouble(error);
      }
      await pauseFor(RETRY_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
    await store.endTurn(source.name, this.#holder).catch(() => undefined);
  }

  /** Until told to stop, or until the turn is another's. */
  async #follow(from: FollowerPosition | null): Promise<void> {
    const { source, format, store, onTurn } = this.parts;
    onTurn();
    const log = new RelayLog(format);
    if (from !== null) {
      for await (const lines of source.history(from)) for (const line of lines) log.line(line, Date.now());
    }
    const early: Early[] = [];
    let before = from ?? '';
    let kept = { position: from, at: 0 };
    let renewedAt = performance.now();
    for await (const { lines, position } of source.batches(from, this.#stop.signal)) {
      const now = Date.now();
      const outcomes = lines.flatMap((line) => log.line(line, now));
      if (lines.length === 0) outcomes.push(...log.tick(now));
      await this.#tell(outcomes, before || position, early);
      await this.#tellAgain(early);
      before = position;
      const safe = early[0]?.position ?? position;
      if (safe !== kept.position && performance.now() - kept.at > KEEP_MS) {
        if (!(await store.keepPosition(source.name, this.#holder, safe))) return;
        kept = { position: safe, at: performance.now() };
      }
      if (performance.now() - renewedAt > RENEW_MS) {
        if ((await store.takeTurn(source.name, this.#holder, TURN_MS)) === null) return;
        renewedAt = performance.now();
      }
    }
    await store.keepPosition(source.name, this.#holder, early[0]?.position ?? before);
  }

  async #tell(outcomes: readonly LogOutcome[], before: FollowerPosition, early: Early[]): Promise<void> {
    const { intake } = this.parts;
    for (let from = 0; from < outcomes.length; from += AT_ONCE) {
      const now = Date.now();
      const told = await Promise.all(outcomes.slice(from, from + AT_ONCE).map((one) => intake.logged(one, now)));
      for (const one of told) {
        if (one === null || one.answer.result !== 'unmatched' || one.report.ifUnmatched === 'list') continue;
        const { report } = one;
        early.push({ report, due: performance.now() + AGAIN_AFTER_MS, position: before });
      }
    }
  }

  async #tellAgain(early: Early[]): Promise<void> {
    const now = performance.now();
    while (early[0] !== undefined && (early[0].due <= now || early.length > MOST_AGAIN)) {
      const due = early.splice(0, AT_ONCE);
      await Promise.all(due.map(({ report }) => this.parts.intake.report({ ...report, ifUnmatched: 'list' })));
    }
  }
}
