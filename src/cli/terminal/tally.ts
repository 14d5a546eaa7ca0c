import type { ReportAnswer } from '../../store/contract.js';

/** What became of reports that a command took in. */
export class Tally {
  readonly #counts: Record<ReportAnswer['result'], number> = { counted: 0, known: 0, unmatched: 0 };

  add(answer: ReportAnswer): void {
    this.#counts[answer.result] += 1;
  }

  get counts(): Readonly<Record<ReportAnswer['result'], number>> {
    return this.#counts;
  }

  get line(): string {
    const { counted, known, unmatched } = this.#counts;
    return `${counted} counted, ${known} told before, ${unmatched} that fit no message`;
  }
}
