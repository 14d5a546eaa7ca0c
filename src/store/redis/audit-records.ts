import { answeredAudit, auditAt, bouncedAudit, decidedAudit, type KeptAudit, openedAudit } from '../audit-case.js';
import {
  type AuditCase,
  type AuditQuery,
  type AuditVerdict,
  type Instant,
  type NewAudit,
  type NewAuditAnswer,
  type NewAuditBounce,
  type Page,
  StoreUnavailable,
} from '../contract.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';

/** Whoever writes loses to another this often at most: people and a few links write to one case. */
const MOST_TRIES = 20;

/** Audits: few, since people open them, so all are in one hash, and a write compares and sets. */
export class AuditRecords {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  async open(audit: NewAudit): Promise<AuditCase> {
    const verb = 'openAudit';
    const now = await this.link.now(verb);
    const opened = openedAudit(audit, now);
    if (await this.#write(verb, '', opened)) return auditAt(opened, now);
    const known = await this.#read(verb, audit.id);
    return auditAt(known === null ? opened : known.kept, now);
  }

  async of(id: string): Promise<AuditCase | null> {
    const [found, now] = await Promise.all([this.#read('auditOf', id), this.link.now('auditOf')]);
    return found === null ? null : auditAt(found.kept, now);
  }

  answer(id: string, answers: readonly NewAuditAnswer[]): Promise<AuditCase | null> {
    return this.#change('answerAudit', id, (kept, now) => answeredAudit(kept, answers, now));
  }

  noteBounces(id: string, bounces: readonly NewAuditBounce[]): Promise<AuditCase | null> {
    return this.#change('noteAuditBounces', id, (kept, now) => bouncedAudit(kept, bounces, now));
  }

  close(id: string, verdict: Omit<AuditVerdict, 'at'>): Promise<AuditCase | null> {
    return this.#change('closeAudit', id, (kept, now) => decidedAudit(kept, verdict, now));
  }

  async page({ account, undecided, cursor, limit }: AuditQuery): Promise<Page<AuditCase>> {
    const verb = 'audits';
    const index = undecided === true ? this.keys.undecidedAudits : this.keys.auditIndex;
    // '!' is what follows a space.
    const min = cursor === undefined ? (account === undefined ? '-' : `[${account} `) : `(${cursor}`;
    const max = account === undefined ? '+' : `(${account}!`;
    const range = [index, min, max, 'LIMIT', 0, limit + 1];
    const members = (await this.link.command(verb, 'ZRANGEBYLEX', ...range)) as string[];
    const page = members.slice(0, limit);
    const [now, found] = await Promise.all([
      this.link.now(verb),
      Promise.all(page.map((member) => this.#read(verb, member.slice(member.indexOf(' ') + 1)))),
    ]);
    return {
      items: found.flatMap((one) => (one === null ? [] : [auditAt(one.kept, now)])),
      next: members.length > limit ? (page.at(-1) ?? null) : null,
    };
  }

  async #change(
    verb: string,
    id: string,
    changed: (kept: KeptAudit, now: Instant) => KeptAudit,
  ): Promise<AuditCase | null> {
    for (let tries = 0; tries < MOST_TRIES; tries += 1) {
      const [found, now] = await Promise.all([this.#read(verb, id), this.link.now(verb)]);
      if (found === null) return null;
      const kept = changed(found.kept, now);
      if (await this.#write(verb, found.body, kept)) return auditAt(kept, now);
    }
    throw new StoreUnavailable(verb, { cause: new Error('others change the same case all the time') });
  }

  async #read(verb: string, id: string): Promise<{ readonly body: string; readonly kept: KeptAudit } | null> {
    const body = (await this.link.command(verb, 'HGET', this.keys.audits, id)) as string | null;
    return body === null ? null : { body, kept: JSON.parse(body) as KeptAudit };
  }

  async #write(verb: string, read: string, kept: KeptAudit): Promise<boolean> {
    const keys = [this.keys.audits, this.keys.auditIndex, this.keys.undecidedAudits];
    const args = [kept.id, kept.account, read, JSON.stringify(kept), kept.verdict === null ? 0 : 1];
    return (await this.link.script(verb, 'write-audit', keys, args)) === 1;
  }
}
