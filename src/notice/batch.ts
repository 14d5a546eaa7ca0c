import { createHash } from 'node:crypto';
import type { AuditCase, NoticeTurn, QueuedNotice, Store } from '../store/contract.js';
import type { Notice, ToldNotice } from './notice.js';
import { standingRevocations } from './standing-revocations.js';

/** What an account is told at once. */
export interface Batch {
  /** The same for the same notices: whoever is told twice can see it. */
  readonly id: string;
  readonly account: string;
  readonly notices: readonly ToldNotice[];
}

export type BatchStore = Pick<Store, 'auditOf' | 'look' | 'subscriptionRevocationsOf'>;

type Queued = Pick<QueuedNotice, 'key' | 'at'> & { readonly notice: Notice };

const ID_CHARACTERS = 24;

/** Cases and revocations are read anew: what an account is told is how they stand. */
export async function batchOf({ account, channel, notices }: NoticeTurn, store: BatchStore): Promise<Batch> {
  const queued = notices.map(({ key, at, body }): Queued => ({ key, at, notice: JSON.parse(body) as Notice }));
  const keys = notices.map(({ key }) => key).join('\n');
  const id = createHash('sha256').update(`${channel}\n${account}\n${keys}`).digest('hex').slice(0, ID_CHARACTERS);
  return {
    id,
    account,
    notices: [
      ...(await auditsOf(queued, store)),
      ...(await revocationsOf(account, queued, store)),
      ...queued.flatMap(({ key, at, notice }) => (notice.kind === 'reputation' ? [{ ...notice, key, at }] : [])),
    ],
  };
}

async function auditsOf(queued: readonly Queued[], store: BatchStore): Promise<readonly ToldNotice[]> {
  const audits = new Map<string, AuditCase | null>();
  const told: ToldNotice[] = [];
  for (const { key, at, notice } of queued) {
    if (notice.kind !== 'audit') continue;
    const audit = audits.get(notice.audit) ?? (await store.auditOf(notice.audit));
    audits.set(notice.audit, audit);
    // Of a case that was decided meanwhile only that is news.
    if (audit === null || (audit.verdict !== null) !== (notice.event === 'decided')) continue;
    told.push({ kind: 'audit', event: notice.event, key, at, audit });
  }
  return told;
}

/** Each that holds once, however often it was asked for. */
async function revocationsOf(
  account: string,
  queued: readonly Queued[],
  store: BatchStore,
): Promise<readonly ToldNotice[]> {
  const asked = queued.flatMap(({ key, at, notice }) => (notice.kind === 'revocation' ? [{ ...notice, key, at }] : []));
  const standing = await standingRevocations(
    store,
    account,
    asked.map(({ address }) => address),
  );
  const told = new Map<string, ToldNotice>();
  for (const notice of asked) {
    const found = standing(notice.address, notice);
    if (found === null) continue;
    const { at: revokedAt, list, stream } = found;
    told.set(`${notice.address} ${list} ${stream}`, { ...notice, list, stream, revokedAt });
  }
  return [...told.values()];
}
