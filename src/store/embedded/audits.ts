import { answeredAudit, auditAt, bouncedAudit, decidedAudit, type KeptAudit, openedAudit } from '../audit-case.js';
import type {
  AuditCase,
  AuditQuery,
  AuditVerdict,
  NewAudit,
  NewAuditAnswer,
  NewAuditBounce,
  Page,
} from '../contract.js';
import type { Database, Statement } from './database.js';

interface Row {
  readonly body: string;
}

export class Audits {
  readonly #put: Statement<[string, string, number, number, string], never>;
  readonly #find: Statement<[string], Row>;
  readonly #page: Statement<[string | null, number, string | null, string | null, number], Row>;

  constructor(database: Database) {
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO audits (id, account, opened_at, undecided, body) VALUES (?, ?, ?, ?, ?)',
    );
    this.#find = database.prepare('SELECT body FROM audits WHERE id = ?');
    this.#page = database.prepare(
      `SELECT body FROM audits WHERE (?1 IS NULL OR account = ?1) AND undecided >= ?2
       AND (?3 IS NULL OR (account, id) > (?3, ?4)) ORDER BY account, id LIMIT ?5`,
    );
  }

  open(audit: NewAudit, now: number): AuditCase {
    return auditAt(this.#kept(audit.id) ?? this.#write(openedAudit(audit, now)), now);
  }

  of(id: string, now: number): AuditCase | null {
    const kept = this.#kept(id);
    return kept === null ? null : auditAt(kept, now);
  }

  answer(id: string, answers: readonly NewAuditAnswer[], now: number): AuditCase | null {
    return this.#change(id, (kept) => answeredAudit(kept, answers, now), now);
  }

  noteBounces(id: string, bounces: readonly NewAuditBounce[], now: number): AuditCase | null {
    return this.#change(id, (kept) => bouncedAudit(kept, bounces, now), now);
  }

  close(id: string, verdict: Omit<AuditVerdict, 'at'>, now: number): AuditCase | null {
    return this.#change(id, (kept) => decidedAudit(kept, verdict, now), now);
  }

  page({ account, undecided, cursor, limit }: AuditQuery, now: number): Page<AuditCase> {
    const [after = null, id = null] = cursor?.split(' ') ?? [];
    const rows = this.#page.all(account ?? null, undecided === true ? 1 : 0, after, id, limit + 1);
    const items = rows.slice(0, limit).map((row) => auditAt(keptIn(row), now));
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items, next: last === undefined ? null : `${last.account} ${last.id}` };
  }

  #change(id: string, changed: (kept: KeptAudit) => KeptAudit, now: number): AuditCase | null {
    const kept = this.#kept(id);
    return kept === null ? null : auditAt(this.#write(changed(kept)), now);
  }

  #kept(id: string): KeptAudit | null {
    const row = this.#find.get(id);
    return row === undefined ? null : keptIn(row);
  }

  #write(kept: KeptAudit): KeptAudit {
    const { id, account, openedAt, verdict } = kept;
    this.#put.run(id, account, openedAt, verdict === null ? 1 : 0, JSON.stringify(kept));
    return kept;
  }
}

function keptIn({ body }: Row): KeptAudit {
  return JSON.parse(body) as KeptAudit;
}
