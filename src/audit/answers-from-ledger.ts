import type { AuditCase, NewAuditAnswer, Store } from '../store/contract.js';

/** What the ledger of consents has to prove those of a case; what is there without evidence answers nothing. */
export async function answersFromLedger(
  store: Pick<Store, 'consentsOf'>,
  { account, addresses }: AuditCase,
  author: Pick<NewAuditAnswer, 'by' | 'note'>,
): Promise<readonly NewAuditAnswer[]> {
  const consents = await store.consentsOf(
    account,
    addresses.map(({ key }) => key),
  );
  return consents.flatMap((consent) => {
    if (consent === null || consent.evidence === null) return [];
    const { key, source, at, evidence } = consent;
    return [{ ...author, key, consent: { source, at, evidence } }];
  });
}
