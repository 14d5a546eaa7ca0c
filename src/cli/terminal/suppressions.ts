/** Suppressions as a table. */

import type { Suppression } from '../../store/contract.js';
import { instant, plain } from './output.js';
import { table } from './table.js';

export function suppressionTable(suppressions: readonly Suppression[]): void {
  table(
    [
      { head: 'address' },
      { head: 'account' },
      { head: 'reason' },
      { head: 'since' },
      { head: 'until' },
      { head: 'by' },
      { head: 'note' },
    ],
    suppressions.map(({ key, account, reason, at, expiresAt, by, note }) => [
      plain(key),
      account ?? '(all)',
      reason,
      instant(at),
      expiresAt === null ? '-' : instant(expiresAt),
      plain(by),
      plain(note),
    ]),
  );
}
