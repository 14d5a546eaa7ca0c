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
export class CallJoiner {
  #groups: CallGroup[] = [];

  /** @param send `groups` are foreseen together, or it is one */
  constructor(
    private readonly isForeseen: (names: readonly string[]) => boolean,
    private readonly send: (groups: readonly CallGroup[]) => void,
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
    for (let at = 0; at < groups.length; ) {
      const run = this.#run(groups, at);
      this.send(run);
      at += run.length;
    }
  }

  #run(groups: readonly CallGroup[], at: number): readonly CallGroup[] {
    for (let length = Math.min(MOST_JOINED, groups.length - at); length > 1; length -= 1) {
      const run = groups.slice(at, at + length);
      if (this.isForeseen(run.flatMap(({ calls }) => calls.map(({ name }) => name)))) return run;
    }
    return groups.slice(at, at + 1);
  }
}
