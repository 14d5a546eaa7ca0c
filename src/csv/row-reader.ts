import { isAccountId } from '../account/account-id.js';
import { columnsIn, parseInstant, quoted } from './columns.js';

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

/** What a row has in a column, trimmed; '' where it has none. */
export type Cell<Name extends string> = (column: Name) => string;

/** Rows that are about an address each, their columns in any order. */
export function addressReader<Name extends string, Row>(
  columnNames: readonly (Name | 'address')[],
  read: (cell: Cell<Name | 'address'>) => RowResult<Row>,
): RowReader<Row> {
  return {
    needed: 'address',
    header(fields) {
      const columns = columnsIn(fields, columnNames);
      if (!columns.has('address')) return null;
      return { unknown: columns.unknown, read: (row) => read((column) => columns.cell(row, column)) };
    },
  };
}

/** The account of a cell, or else the one that rows without get. */
export function accountIn<Default extends string | null>(
  text: string,
  otherwise: Default,
): RowResult<string | Default> {
  if (text === '') return { ok: true, row: otherwise };
  return isAccountId(text) ? { ok: true, row: text } : bad(`not an account: ${quoted(text)}`);
}

/** Null: the cell is empty. */
export function instantIn(text: string): RowResult<number | null> {
  const at = parseInstant(text);
  return at === 'malformed' ? bad(`not a time: ${quoted(text)} (ISO 8601)`) : { ok: true, row: at };
}

export function bad(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}
