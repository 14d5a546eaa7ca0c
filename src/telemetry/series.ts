import { LabelCells, type Labels, type MetricFamily } from './label-cells.js';
import type { MetricEntry } from './metric-table.js';

/** A counter or a gauge: a number for each combination of label values. */
export class Series<L extends string> {
  readonly #entry: MetricEntry<L>;
  readonly #cells: LabelCells<L, { value: number }>;

  constructor(entry: MetricEntry<L>) {
    this.#entry = entry;
    this.#cells = new LabelCells(entry, () => ({ value: 0 }));
  }

  add(labels: Labels<L>, count: number): void {
    this.#cells.of(labels).value += count;
  }

  set(labels: Labels<L>, value: number): void {
    this.#cells.of(labels).value = value;
  }

  family(): MetricFamily {
    const { name, help, kind, aggregator = 'sum' } = this.#entry;
    const values = this.#cells.entries().map(({ labels, cell }) => ({ labels, value: cell.value }));
    return { name, help, type: kind, aggregator, values };
  }
}
