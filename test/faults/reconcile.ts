/** Lays the client's, Sluice's and the relay's books side by side. Pure: books in, findings out. */

import type { AttemptKey, BehindEntry, ClientEntry, CutEntry, DecisionEntry, FaultEntry, RelayEntry } from './books.js';

export interface Books {
  readonly client: readonly ClientEntry[];
  readonly relay: readonly RelayEntry[];
  /** What the store keeps, each as often as it is there. */
  readonly decisions: readonly DecisionEntry[];
  /** What the log said, for those whose decision the store lacks. */
  readonly logged: ReadonlyMap<AttemptKey, string>;
  readonly faults: readonly FaultEntry[];
  readonly cuts: readonly CutEntry[];
  readonly behind: readonly BehindEntry[];
}

export interface Findings {
  readonly attempts: number;
  /** Attempts that the relay accepted, and how many different messages they are. */
  readonly acceptances: number;
  readonly delivered: number;
  /** Accepted attempts that no client heard 250 for, by what was lost. */
  readonly unheard: {
    /** The relay's reply was lost: the decision says `unknown`. */
    readonly relayLeg: number;
    /** Sluice said 250 to a connection that was broken. */
    readonly clientLeg: number;
    /** Sluice was killed after the final dot. */
    readonly killed: number;
  };
  /** (message, recipient) pairs that the relay has more than once. */
  readonly duplicated: number;
  /** Attempts whose decision says `unknown`, and of these, those that the relay has not. */
  readonly unknown: number;
  readonly unknownNotAtRelay: number;
  /** Attempts without a decision in the store that a killed process explains. */
  readonly decisionsLost: number;
  /** Decisions that are in the store twice. */
  readonly decisionsTwice: number;
  /** Everything that must not be, by kind; each in words. */
  readonly broken: ReadonlyMap<string, readonly string[]>;
}

/** Time that a fault's consequences may take to show: the longest of Sluice's time limits here, and a little more. */
const AFTERMATH_MS = 8_000;

export function reconcile(books: Books): Findings {
  return new Reconciliation(books).findings();
}

class Reconciliation {
  readonly #broken = new Map<string, string[]>();
  readonly #accepted = new Map<AttemptKey, RelayEntry[]>();
  readonly #decided = new Map<AttemptKey, DecisionEntry>();
  readonly #unheard = { relayLeg: 0, clientLeg: 0, killed: 0 };
  readonly #heardBy = new Map<AttemptKey, ClientEntry>();
  #decisionsTwice = 0;
  #decisionsLost = 0;
  #unknown = 0;
  #unknownNotAtRelay = 0;

  constructor(private readonly books: Books) {
    for (const entry of books.relay) {
      if (entry.code !== 250) continue;
      this.#accepted.set(entry.key, [...(this.#accepted.get(entry.key) ?? []), entry]);
    }
    for (const decision of books.decisions) {
      if (this.#decided.has(decision.key)) this.#decisionsTwice += 1;
      this.#decided.set(decision.key, decision);
    }
    for (const entry of books.client) this.#heardBy.set(entry.key, entry);
  }

  findings(): Findings {
    for (const entry of this.books.client) this.#attempt(entry);
    for (const [key, entries] of this.#accepted) {
      if (!this.#heardBy.has(key)) this.#report('mail from nowhere', key);
      if (entries.length > 1) this.#report('accepted twice in one attempt', key);
    }
    return {
      attempts: this.books.client.length,
      acceptances: this.#accepted.size,
      delivered: new Set([...this.#accepted.keys()].map((key) => key.split('.')[0])).size,
      unheard: this.#unheard,
      duplicated: this.#duplicated(),
      unknown: this.#unknown,
      unknownNotAtRelay: this.#unknownNotAtRelay,
      decisionsLost: this.#decisionsLost,
      decisionsTwice: this.#decisionsTwice,
      broken: this.#broken,
    };
  }

  #attempt(entry: ClientEntry): void {
    const [copy] = this.#accepted.get(entry.key) ?? [];
    const ending = this.#decided.get(entry.key)?.ending ?? this.books.logged.get(entry.key) ?? null;
    const heard = entry.heard === null ? 0 : Math.floor(Number(entry.heard.slice(0, 3)) / 100);
    if (heard === 2 && copy === undefined) this.#report('lost', describe(entry, ending));
    if (heard === 5 && copy !== undefined) this.#report('refused, and at the relay', describe(entry, ending));
    if (copy !== undefined) this.#compare(entry, copy, ending);
    if (copy !== undefined && heard !== 2) this.#notHeard(entry, copy, heard, ending);
    if (ending === 'accepted' && copy === undefined) {
      this.#report('decided accepted, and not at the relay', describe(entry, ending));
    }
    if (heard === 2 && ending !== null && ending !== 'accepted') {
      this.#report('heard 250, decided otherwise', describe(entry, ending));
    }
    if (ending === 'unknown') this.#countUnknown(entry, copy);
    this.#explain(entry);
  }

  #compare(entry: ClientEntry, copy: RelayEntry, ending: string | null): void {
    if (copy.sha256 !== entry.sha256) this.#report('bytes differ', describe(entry, ending));
    // Whom a client that went away would have heard 250 for is not known to it.
    if (entry.heard === null && entry.stage !== 'end') {
      this.#report('complete at the relay, incomplete at the client', describe(entry, ending));
    }
    const same = copy.recipients.length === entry.accepted.length;
    if (!same || copy.recipients.some((recipient) => !entry.accepted.includes(recipient))) {
      this.#report('recipients differ', `${describe(entry, ending)}: ${copy.recipients.join(' ')}`);
    }
  }

  /** At the relay, and its client did not hear 250: it will come again. */
  #notHeard(entry: ClientEntry, copy: RelayEntry, heard: number, ending: string | null): void {
    if (ending === 'unknown') {
      this.#unheard.relayLeg += 1;
      return;
    }
    if (ending === 'accepted' && heard === 0) {
      this.#unheard.clientLeg += 1;
      return;
    }
    if (ending === null && this.#killed(entry)) {
      this.#unheard.killed += 1;
      return;
    }
    this.#report('at the relay, decided otherwise', `${describe(entry, ending)}, at the relay at ${copy.at}`);
  }

  #countUnknown(entry: ClientEntry, copy: RelayEntry | undefined): void {
    this.#unknown += 1;
    if (entry.dotAt === null) this.#report('unknown before the final dot', describe(entry, 'unknown'));
    if (copy === undefined) this.#unknownNotAtRelay += 1;
    if (copy === undefined || copy.silent) return;
    const cut = this.books.cuts.some(
      ({ leg, port, openedAt, cutAt }) =>
        leg === 'relay' && port === copy.port && openedAt <= copy.at && copy.at - 1_000 <= cutAt,
    );
    if (cut || this.#disturbed(entry, /relay|redis|pause|kill|stop|cut/, copy.at)) return;
    this.#report('unknown although the reply was sent', describe(entry, 'unknown'));
  }

  /** Every transaction that got as far as a recipient has its decision. */
  #explain(entry: ClientEntry): void {
    if (entry.accepted.length === 0 || this.#decided.has(entry.key)) return;
    // A stop waits for the store a few seconds only; what is not written by then is dropped.
    const stopped = this.#disturbed(entry, /killed|stopped/, entry.endedAt, entry.instance);
    if (stopped || this.#waitedUntilStopped(entry)) this.#decisionsLost += 1;
    else this.#report('no decision', describe(entry, null));
  }

  /** Its decision waited for the store, however long, when a process of its instance was killed or stopped. */
  #waitedUntilStopped(entry: ClientEntry): boolean {
    return this.books.behind.some(
      ({ instance, from, to }) =>
        instance === entry.instance &&
        from <= entry.endedAt + AFTERMATH_MS &&
        entry.endedAt <= to &&
        this.books.faults.some(
          (fault) =>
            /killed|stopped/.test(fault.kind) && fault.target === instance && from <= fault.from && fault.from <= to,
        ),
    );
  }

  #killed(entry: ClientEntry): boolean {
    return this.#disturbed(entry, /killed/, entry.endedAt, entry.instance);
  }

  /** Was something of this kind broken while the attempt went on, or soon enough after to lose what it left behind? */
  #disturbed(entry: ClientEntry, kind: RegExp, at: number, target: string | null = null): boolean {
    return this.books.faults.some(
      (fault) =>
        kind.test(fault.kind) &&
        (target === null || fault.target === target) &&
        fault.from <= at + AFTERMATH_MS &&
        fault.to + AFTERMATH_MS >= entry.startedAt,
    );
  }

  #duplicated(): number {
    const times = new Map<string, number>();
    for (const [key, entries] of this.#accepted) {
      for (const { recipients } of entries) {
        for (const recipient of recipients) {
          const pair = `${key.split('.')[0]} ${recipient}`;
          times.set(pair, (times.get(pair) ?? 0) + 1);
        }
      }
    }
    return [...times.values()].filter((count) => count > 1).length;
  }

  #report(kind: string, what: string): void {
    const reports = this.#broken.get(kind) ?? [];
    reports.push(what);
    this.#broken.set(kind, reports);
  }
}

export function describe(entry: ClientEntry, ending: string | null): string {
  const { key, instance, stage, startedAt, dotAt, endedAt, heard, dropped } = entry;
  const said = heard === null ? (dropped ? 'nothing, it left' : 'nothing') : heard.slice(0, 120);
  return `${key} by ${entry.account} over ${instance}: ${startedAt}, dot ${dotAt ?? '-'}, ${endedAt}; at ${stage} it heard ${said}; decision ${ending ?? 'none'}`;
}
