/**
 * Looks whether what was registered for a domain is there: the page with the
 * privacy policy, and mail to the complaint address. What nobody could be
 * reached about is `unreachable`, which is no violation: the network, their
 * server or ours may be down.
 */

import type { Lookups } from './contract.js';

export interface VerifiedThing {
  readonly outcome: 'ok' | 'failed' | 'unreachable';
  /** In words, without full stop. */
  readonly detail: string;
}

export interface DomainVerification {
  readonly privacyPolicy: VerifiedThing;
  readonly complaintAddress: VerifiedThing;
}

const PAGE_WITHIN_MS = 15_000;
const MOST_PAGE = 2 * 1024 * 1024;
/** A page with less text than this says nothing about privacy. */
const LEAST_PAGE = 100;

export async function verifyDomain(
  registered: { readonly privacyPolicy: string | null; readonly complaintAddress: string | null },
  lookups: Pick<Lookups, 'mailDomain'>,
): Promise<DomainVerification> {
  const [privacyPolicy, complaintAddress] = await Promise.all([
    verifyPage(registered.privacyPolicy),
    verifyMailbox(registered.complaintAddress, lookups),
  ]);
  return { privacyPolicy, complaintAddress };
}

async function verifyPage(url: string | null): Promise<VerifiedThing> {
  if (url === null) return failed('none is registered');
  try {
    const response = await fetch(url, {
      headers: {
        'user-agent': 'sluice (checks registered privacy policies)',
        accept: 'text/html, text/plain, application/pdf',
      },
      signal: AbortSignal.timeout(PAGE_WITHIN_MS),
    });
    const octets = await countOctets(response);
    const { status } = response;
    if (status === 429 || status >= 500) return unreachable(`the page answers ${status}`);
    if (status !== 200) return failed(`the page answers ${status}`);
    return octets < LEAST_PAGE
      ? failed(`the page is empty (${octets} octets)`)
      : ok(`the page answers 200, ${octets} octets`);
  } catch (error) {
    return unreachable(reasonOf(error));
  }
}

async function countOctets(response: Response): Promise<number> {
  let octets = 0;
  for await (const chunk of response.body ?? []) {
    octets += (chunk as Uint8Array).length;
    if (octets > MOST_PAGE) break;
  }
  return octets;
}

async function verifyMailbox(
  address: string | null,
  { mailDomain }: Pick<Lookups, 'mailDomain'>,
): Promise<VerifiedThing> {
  if (address === null) return failed('none is registered');
  const { domain, receives, detail } = await mailDomain(address.slice(address.lastIndexOf('@') + 1));
  if (receives === 'yes') return ok(`${domain} takes mail: ${detail}`);
  return receives === 'no' ? failed(`${domain} takes no mail: ${detail}`) : unreachable(detail);
}

function ok(detail: string): VerifiedThing {
  return { outcome: 'ok', detail };
}

function failed(detail: string): VerifiedThing {
  return { outcome: 'failed', detail };
}

function unreachable(detail: string): VerifiedThing {
  return { outcome: 'unreachable', detail };
}

/** `fetch` hides what happened in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `the page did not answer within ${PAGE_WITHIN_MS / 1000} s`;
  return error.cause instanceof Error ? error.cause.message : error.message;
}
