import type { DomainCheck, DomainFinding, RegisteredDomain } from './contract.js';

const MOST_DETAIL = 200;

/** A registered domain after another check: troubles in a row are counted on. */
export function checkedAgain(
  known: RegisteredDomain,
  { privacyPolicy, complaintAddress }: Pick<DomainCheck, 'privacyPolicy' | 'complaintAddress'>,
  now: number,
): RegisteredDomain {
  const fine = privacyPolicy.outcome === 'ok' && complaintAddress.outcome === 'ok';
  const troubles = fine ? 0 : (known.check?.troubles ?? 0) + 1;
  const check = { at: now, privacyPolicy: cut(privacyPolicy), complaintAddress: cut(complaintAddress), troubles };
  return { ...known, check };
}

function cut({ outcome, detail }: DomainFinding): DomainFinding {
  return { outcome, detail: detail.slice(0, MOST_DETAIL) };
}
