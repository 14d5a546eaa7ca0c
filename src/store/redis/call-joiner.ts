import { inOneList } from './groups.js';
import type { OctetsReply, ScriptCall } from './script-call.js';

/** Calls that one caller makes at once. */
export interface CallGroup {
  /** The store's verb, for errors. */
  readonly verb: string;
  readonly calls: readonly ScriptCall<unknown>[];
  /** Hears how each call went, in order. */
  settled(outcomes: readonly PromiseSettledResult<OctetsReply>[]): void;
}

/** Few callers ask at one moment about one message; longer runs are not looked for. */
const MOST_JOINED = 3;

/**
 * Gathers the script calls of one turn of the event loop, so that those that
 * were foreseen (`JOINT` of scripts.ts) run as one: what a call costs whatever it
 * does is half of what it costs.
 */
export class CallJoiner<Joint> {
  #groups: CallGroup[] = [];

  /**
   * @param jointOf what runs calls of these names as one; null: it was not foreseen
   * @param send gets one group at least, their calls in one list, and what runs these as one, if anything does
   */
  constructor(
    private readonly jointOf: (names: readonly string[]) => Joint | null,
    private readonly send: (groups: readonly CallGroup[], calls: CallGroup['calls'], joint: Joint | null) => void,
  ) {}

  add(group: CallGroup): void {
    if (this.#groups.length === 0) process.nextTick(() => this.flush());
    this.#groups.push(group);
  }

  /** Sends what waits; whatever must come after it calls this first. */
  flush(): void {
    if (this.#groups.length === 0) return;
    const groups = this.#groups;
    this.#groups = [];
    for (let at = 0; at < groups.length; ) at += this.#sendFrom(groups, at);
  }

  /** Gives how many went. */
  #sendFrom(groups: readonly CallGroup[], at: number): number {
    for (let length = Math.min(MOST_JOINED, groups.length - at); ; length -= 1) {
      const run = groups.slice(at, at + length);
      const calls = inOneList(run.map((group) => group.calls));
      const joint = this.jointOf(calls.map(({ name }) => name));
      if (joint === null && length > 1) continue;
      this.send(run, calls, joint);
      return length;
    }
  }
}
