import type { AuditCase, AuditQuery, Store } from '../store/contract.js';

/** Cases, page by page. */
export async function* everyAudit(
  store: Pick<Store, 'audits'>,
  query: Pick<AuditQuery, 'account' | 'undecided'>,
): AsyncGenerator<readonly AuditCase[]> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page: Awaited<ReturnType<Store['audits']>> = await store.audits({
      ...query,
      limit: 200,
      ...(cursor === undefined ? {} : { cursor }),
    });
    yield page.items;
    cursor = page.next;
  }
}
