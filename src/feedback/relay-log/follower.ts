import type { FollowerPosition, OutcomeReport } from '../../store/contract.js';
import type { Intake } from '../intake.js';
import type { Turn, TurnStore } from '../turn.js';
import { TurnTaker } from '../turn-taker.js';
import type { LogFormat } from './log-event.js';
import type { LogSource } from './log-source.js';
import { type LogOutcome, RelayLog } from './relay-log.js';

export interface FollowerParts {
  readonly source: LogSource;
  readonly format: LogFormat;
  readonly store: TurnStore;
  readonly intake: Intake;
  /** It cannot go on for now; it tries again. */
  readonly onTrouble: (error: unknown) => void;
  readonly onTurn: () => void;
}

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
  readonly #turns: TurnTaker;

  constructor(private readonly parts: FollowerParts) {
    const { source, store, onTrouble } = parts;
    this.#turns = new TurnTaker({
      source: source.name,
      store,
      pauseMs: RETRY_MS,
      read: (turn, position, stop) => this.#follow(turn, position, stop),
      onTrouble,
    });
  }

  start(): void {
    this.#turns.start();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  /** Until told to stop, or until the turn is another's. */
  async #follow(turn: Turn, from: FollowerPosition | null, stop: AbortSignal): Promise<void> {
    const { source, format, onTurn } = this.parts;
    onTurn();
    const log = new RelayLog(format);
    if (from !== null) {
      for await (const lines of source.history(from)) for (const line of lines) log.line(line, Date.now());
    }
    const early: Early[] = [];
    let before = from ?? '';
    let kept = { position: from, at: 0 };
    for await (const { lines, position } of source.batches(from, stop)) {
      const now = Date.now();
      const outcomes = lines.flatMap((line) => log.line(line, now));
      if (lines.length === 0) outcomes.push(...log.tick(now));
      await this.#tell(outcomes, before || position, early);
      await this.#tellAgain(early);
      before = position;
      const safe = early[0]?.position ?? position;
      if (safe !== kept.position && performance.now() - kept.at > KEEP_MS) {
        if (!(await turn.keep(safe))) return;
        kept = { position: safe, at: performance.now() };
      }
      if (!(await turn.renew())) return;
    }
    await turn.keep(early[0]?.position ?? before);
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
