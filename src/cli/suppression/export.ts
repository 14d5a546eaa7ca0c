/** Suppressions as CSV, page by page: a list of any length in little memory. */

import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { stringify } from 'csv-stringify/sync';
import { type AccountId, everyPage, type Store, type Suppression } from '../../store/contract.js';
import { COLUMNS, fieldsOf } from './csv-columns.js';

const PAGE = 1_000;

/** All of an account (null: the global ones, undefined: all), in pages. */
export function allSuppressions(
  store: Pick<Store, 'suppressions'>,
  account: AccountId | null | undefined,
): AsyncGenerator<readonly Suppression[]> {
  const query = { ...(account === undefined ? {} : { account }), limit: PAGE };
  return everyPage((start) => store.suppressions({ ...query, ...start }));
}

/** Writes header and rows; tells how many. The stream stays open. */
export async function exportSuppressions(
  store: Pick<Store, 'suppressions'>,
  account: AccountId | null | undefined,
  to: Writable,
): Promise<number> {
  let count = 0;
  to.write(`${COLUMNS.join(',')}\n`);
  for await (const page of allSuppressions(store, account)) {
    if (!to.write(stringify(page.map((suppression) => [...fieldsOf(suppression)])))) await once(to, 'drain');
    count += page.length;
  }
  return count;
}
