import { LabelCells, type Labels, type MetricFamily } from './label-cells.js';
import type { MetricEntry } from './metric-table.js';

/** How many values were at or below each bound and above the one before it; the last are those above all bounds. */
interface Observed {
  readonly counts: number[];
  sum: number;
}

/** A histogram: for each combination of label values, how the values observed lie between the bounds. */
export class Distribution<L extends string> {
  readonly #entry: MetricEntry<L>;
  readonly #bounds: readonly number[];
  readonly #cells: LabelCells<L, Observed>;

  /** @param bounds ascending */
  constructor(entry: MetricEntry<L>, bounds: readonly number[]) {
    this.#entry = entry;
    this.#bounds = bounds;
    this.#cells = new LabelCells(entry, () => ({ counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 }));
  }

  observe(labels: Labels<L>, value: number): void {
    const observed = this.#cells.of(labels);
    const place = this.#placeOf(value);
    observed.counts[place] = (observed.counts[place] as number) + 1;
    observed.sum += value;
  }

  family(): MetricFamily {
    const { name, help, kind, aggregator = 'sum' } = this.#entry;
    const values = this.#cells.entries().flatMap(({ labels, cell }) => {
      let count = 0;
      const buckets = cell.counts.map((between, place) => {
        count += between;
        return { metricName: `${name}_bucket`, labels: { le: this.#bounds[place] ?? '+Inf', ...labels }, value: count };
      });
      return [
        ...buckets,
        { metricName: `${name}_sum`, labels, value: cell.sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
    return { name, help, type: kind, aggregator, values };
  }

  /** From below: most answers come within a few milliseconds. */
  #placeOf(value: number): number {
    const bounds = this.#bounds;
    let place = 0;
    while (place < bounds.length && value > (bounds[place] as number)) place += 1;
    return place;
  }
}
