import { createHash } from 'node:crypto';
import type { AuditCase, NoticeTurn, QueuedNotice, Store } from '../store/contract.js';
import type { Notice, ToldNotice } from './notice.js';

/** What an account is told at once. */
export interface Batch {
  /** The same for the same notices: whoever is told twice can see it. */
  readonly id: string;
  readonly account: string;
  readonly notices: readonly ToldNotice[];
}

const ID_CHARACTERS = 24;

/** Cases are read anew: what an account is told is how they stand. */
export async function batchOf(turn: NoticeTurn, store: Pick<Store, 'auditOf'>): Promise<Batch> {
  const audits = new Map<string, AuditCase | null>();
  const told: ToldNotice[] = [];
  for (const queued of turn.notices) {
    const notice = JSON.parse(queued.body) as Notice;
    if (notice.kind !== 'audit') {
      told.push({ ...notice, ...named(queued) });
      continue;
    }
    const audit = audits.get(notice.audit) ?? (await store.auditOf(notice.audit));
    audits.set(notice.audit, audit);
    // Of a case that was decided meanwhile only that is news.
    if (audit !== null && (audit.verdict !== null) === (notice.event === 'decided'))
      told.push({ ...notice, ...named(queued), audit });
  }
  const { account, channel, notices } = turn;
  const keys = notices.map(({ key }) => key).join('\n');
  const id = createHash('sha256').update(`${channel}\n${account}\n${keys}`).digest('hex').slice(0, ID_CHARACTERS);
  return { id, account, notices: told };
}

function named({ key, at }: QueuedNotice): { readonly key: string; readonly at: number } {
  return { key, at };
}
