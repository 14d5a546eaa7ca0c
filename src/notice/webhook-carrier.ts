import { httpEndpoint } from '../account/http-endpoint.js';
import { sign } from '../feedback/webhook/signature.js';
import type { AccountId } from '../store/contract.js';
import type { Batch } from './batch.js';
import type { Carrier } from './carrier.js';
import type { ToldNotice } from './notice.js';
import type { NoticeWords } from './notice-text.js';

export interface WebhookTarget {
  readonly url: string;
  /** Signs each request. */
  readonly key: string;
}

const ANSWER_WITHIN_MS = 15_000;

/** A signed POST of JSON, as `POST /v1/outcomes` takes them the other way. */
export class WebhookCarrier implements Carrier {
  constructor(
    private readonly words: () => NoticeWords,
    private readonly targetOf: (account: AccountId) => WebhookTarget | null,
  ) {}

  async carry(batch: Batch): Promise<void> {
    const target = this.targetOf(batch.account);
    if (target === null) return;
    const body = JSON.stringify(payloadOf(batch, this.words()));
    const { target: url, authorization } = httpEndpoint(target.url);
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': batch.id,
        'sluice-signature': sign(body, target.key, Date.now()),
        ...authorization,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    // What it says is of no interest; the connection is.
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
  }
}

function payloadOf({ id, account, notices }: Batch, words: NoticeWords): object {
  return { id, account, notices: notices.map((notice) => told(notice, account, words)) };
}

function told(notice: ToldNotice, account: AccountId, { honourWithinMs, linkOf }: NoticeWords): object {
  const at = time(notice.at);
  if (notice.kind === 'reputation') {
    const { kind, measure, level } = notice;
    return { kind, at, measure, level };
  }
  if (notice.kind === 'revocation') {
    const { kind, address, list, stream, source, revokedAt } = notice;
    return {
      kind,
      at,
      address,
      list,
      stream,
      source,
      revokedAt: time(revokedAt),
      honourBy: time(revokedAt + honourWithinMs(account)),
    };
  }
  const { kind, event, audit } = notice;
  return {
    ...{ kind, at, event },
    audit: {
      ...{ id: audit.id, kind: audit.kind, state: audit.state },
      openedAt: time(audit.openedAt),
      dueAt: time(audit.dueAt),
      unanswered: audit.addresses.filter(({ answer }) => answer === null).map(({ key }) => key),
      answerUrl: audit.kind === 'probe' ? null : linkOf(audit.id),
    },
  };
}

function time(at: number): string {
  return new Date(at).toISOString();
}
