export type RowResult<T> = { readonly ok: true; readonly row: T } | { readonly ok: false; readonly problem: string };

/** What rows of a kind are made of. */
export interface RowReader<T> {
  /** From the first line, which names the columns; null: one that is needed is missing. */
  header(fields: readonly string[]): {
    readonly read: (fields: readonly string[]) => RowResult<T>;
    /** Columns that are left out. */
    readonly unknown: readonly string[];
  } | null;
  /** Column without which there is no row, for errors. */
  readonly needed: string;
}
