/**
 * Writes decisions to the store behind the mail's back: `record` only puts them
 * in a queue, so that no reply ever waits for the ledger. While the store is
 * away they wait, the oldest go when there are too many, and those are counted.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { DecisionBounds, Store } from '../store/contract.js';
import { encodeDecision } from './codec.js';
import type { Decision } from './decision.js';
import { isKept } from './sampling.js';
import { withoutTexts } from './without-texts.js';

export interface RecorderOptions {
  readonly store: Pick<Store, 'appendDecisions'>;
  /** Asked at each write, since a reload may change them. */
  readonly bounds: () => DecisionBounds;
  /** Share of the passes that are kept, 0 to 1. */
  readonly passes: () => number;
  /** Whether what messages say is kept. */
  readonly texts: () => 'leave-out' | 'keep';
  readonly onDropped: (count: number) => void;
  /** The store failed, or works again. Once each, not at every attempt. */
  readonly onTrouble: (trouble: { readonly error: unknown; readonly waiting: number } | null) => void;
}

export interface Recorder {
  /** Never waits and never throws. */
  record(decision: Decision): void;
  /** Resolves when all recorded so far is written or dropped, or after one failed attempt. */
  flush(): Promise<void>;
  /** Writes what it can within `CLOSE_MS`; the rest is dropped and counted. */
  close(): Promise<void>;
}

/** Decisions are shown in the CLI a moment after their reply; a longer wait saves no round trips worth having. */
const GATHER_MS = 100;
const BATCH = 200;
/** Recipients and decisions of one write, lest a few huge ones make a call that cannot end in time. */
const BATCH_WEIGHT = 2_000;
/** Recipients and decisions together: bounds the memory, some 30 MB at worst. */
const MAX_WAITING = 20_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
const CLOSE_MS = 3_000;

export function createRecorder(options: RecorderOptions): Recorder {
  let waiting: Decision[] = [];
  let weight = 0;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> | null = null;
  let underway = 0;
  let failures = 0;
  let closed = false;

  function record(decision: Decision): void {
    if (closed) {
      options.onDropped(1);
      return;
    }
    if (!isKept(decision, options.passes())) return;
    waiting.push(options.texts() === 'keep' ? decision : withoutTexts(decision));
    weight += weightOf(decision);
    dropSurplus();
    if (waiting.length >= BATCH && failures === 0) void flush();
    else schedule(pauseAfter(failures));
  }

  function dropSurplus(): void {
    let dropped = 0;
    while (weight > MAX_WAITING && dropped < waiting.length - 1) {
      weight -= weightOf(waiting[dropped] as Decision);
      dropped += 1;
    }
    if (dropped === 0) return;
    waiting = waiting.slice(dropped);
    options.onDropped(dropped);
  }

  function schedule(ms: number): void {
    if (timer !== null || closed) return;
    timer = setTimeout(() => {
      timer = null;
      void flush();
    }, ms);
    timer.unref();
  }

  function flush(): Promise<void> {
    writing ??= writeAll().finally(() => {
      writing = null;
      if (waiting.length > 0) schedule(pauseAfter(failures));
    });
    return writing;
  }

  async function writeAll(): Promise<void> {
    while (waiting.length > 0) {
      const batch = firstBatch(waiting);
      // Taken off the queue before the call: new ones may push old ones out meanwhile.
      waiting = waiting.slice(batch.length);
      weight -= totalWeight(batch);
      if (!(await write(batch))) return;
    }
  }

  async function write(batch: readonly Decision[]): Promise<boolean> {
    underway = batch.length;
    try {
      await options.store.appendDecisions(batch.map(encodeDecision), options.bounds());
      if (failures > 0) options.onTrouble(null);
      failures = 0;
      return true;
    } catch (error) {
      waiting = [...batch, ...waiting];
      weight += totalWeight(batch);
      failures += 1;
      dropSurplus();
      if (failures === 1) options.onTrouble({ error, waiting: waiting.length });
      return false;
    } finally {
      underway = 0;
    }
  }

  async function close(): Promise<void> {
    if (closed) return;
    closed = true;
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const giveUp = new AbortController();
    const deadline = delay(CLOSE_MS, undefined, { signal: giveUp.signal }).catch(() => undefined);
    await Promise.race([writing === null ? flush() : writing.then(flush), deadline]);
    giveUp.abort();
    const lost = waiting.length + underway;
    if (lost > 0) options.onDropped(lost);
    waiting = [];
    weight = 0;
  }

  return { record, flush, close };
}

function pauseAfter(failures: number): number {
  if (failures === 0) return GATHER_MS;
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
}

function firstBatch(waiting: readonly Decision[]): readonly Decision[] {
  let weight = 0;
  const end = waiting.findIndex((decision) => {
    weight += weightOf(decision);
    return weight > BATCH_WEIGHT;
  });
  return waiting.slice(0, Math.min(BATCH, end === -1 ? BATCH : Math.max(end, 1)));
}

function weightOf(decision: Decision): number {
  return 1 + decision.recipients.length;
}

function totalWeight(decisions: readonly Decision[]): number {
  return decisions.reduce((total, decision) => total + weightOf(decision), 0);
}
