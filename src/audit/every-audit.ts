import { type AuditCase, type AuditQuery, everyPage, type Store } from '../store/contract.js';

/** Cases, page by page. */
export function everyAudit(
  store: Pick<Store, 'audits'>,
  query: Pick<AuditQuery, 'account' | 'undecided'>,
): AsyncGenerator<readonly AuditCase[]> {
  return everyPage((start) => store.audits({ ...query, ...start, limit: 200 }));
}
