import type { AccountId, Instant, OutcomeReport, ReportAnswer, ReportPolicy } from '../../store/contract.js';
import { MS } from '../../units/duration.js';
import { type LinkClaim, readLink } from '../one-click/link-token.js';
import { unsubscribePage } from '../one-click/unsubscribe-page.js';
import { type Answer, page } from './answer.js';

export interface UnsubscribeParts {
  readonly keys: readonly string[];
  readonly report: (report: OutcomeReport) => Promise<ReportAnswer>;
  readonly policyOf: (account: AccountId) => Pick<ReportPolicy, 'revocations'>;
}

/**
 * `/u/TOKEN`. GET shows a page with one button and changes nothing, since link
 * scanners follow every link; POST unsubscribes, with what a mail client sends
 * (RFC 8058 §3.2) or with what the button does.
 */
export async function answerUnsubscribe(
  { keys, report, policyOf }: UnsubscribeParts,
  {
    method,
    token,
    body,
    now,
  }: { readonly method: string; readonly token: string; readonly body: string; readonly now: number },
): Promise<Answer> {
  const reading = readLink(token, keys, now);
  if (!reading.ok) {
    return reading.why === 'expired'
      ? page(410, unsubscribePage({ state: 'expired' }))
      : page(404, unsubscribePage({ state: 'unknown' }));
  }
  const { account, key } = reading.claim;
  const { revocations } = policyOf(account);
  const named = { address: key, account, part: revocations === 'account' ? null : reading.claim[revocations] };
  if (method !== 'POST') return page(200, unsubscribePage({ state: 'asks', ...named }));
  if (!ONE_CLICK.test(body) && !BUTTON.test(body)) return page(400, unsubscribePage({ state: 'asks', ...named }));
  await report(revocation(reading.claim, token, now));
  return page(200, unsubscribePage({ state: 'done', ...named }));
}

/** As a form, or as a part of multipart/form-data. */
const ONE_CLICK = /(?:^|&)List-Unsubscribe=One-Click(?:&|$)|name="?List-Unsubscribe"?\s*\r?\n\r?\nOne-Click\s*\r?\n/i;
const BUTTON = /(?:^|&)unsubscribe=confirmed(?:&|$)/;

/**
 * The signed link vouches for account and recipient. Of clicks within an hour one
 * counts; a later one does again, since consent may have been given in between.
 */
function revocation({ account, key, list, stream }: LinkClaim, token: string, now: Instant): OutcomeReport {
  return {
    source: 'one-click',
    kind: 'revoked',
    recipients: [key],
    message: { id: null, queueIds: [], envid: null, messageId: null },
    vouched: {
      account,
      subscriptions: { list, stream },
      message: `link ${token.slice(-22)} ${Math.floor(now / MS.h)}`,
    },
    fault: 'none',
    reason: 'one-click',
    status: 'unsubscribed by link',
    at: null,
    ifUnmatched: 'list',
  };
}
