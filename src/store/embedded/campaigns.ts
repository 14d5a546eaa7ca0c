import { newCampaignId, recipientMark, sampleText } from '../campaign-names.js';
import {
  type AccountId,
  ALL_CAMPAIGNS,
  type Campaign,
  type CampaignAnswer,
  type CampaignDecision,
  type CampaignQuery,
  type CampaignSighting,
  type CampaignState,
  MOST_CAMPAIGNS,
  type Page,
} from '../contract.js';
import type { Database, SqlValue, Statement } from './database.js';

interface Row {
  readonly account: string;
  readonly id: string;
  readonly state: CampaignState;
  readonly by_whom: string | null;
  readonly decided_at: number | null;
  readonly note: string;
  readonly first_at: number;
  readonly latest_at: number;
  readonly messages: number;
  readonly recipients: number;
  readonly subject: string;
  readonly sender: string;
  readonly signature: string;
  readonly kept: 0 | 1;
  readonly expires_at: number;
}

const COLUMNS = `account, id, state, by_whom, decided_at, note, first_at, latest_at, messages, recipients, subject,
  sender, signature, kept, expires_at`;
/** What was decided about all campaigns of an account stays. */
const NEVER = Number.MAX_SAFE_INTEGER;

export class Campaigns {
  readonly #owner: Statement<[string, string], { id: string }>;
  readonly #find: Statement<[string, string, number], Row>;
  readonly #put: Statement<SqlValue[], never>;
  readonly #mark: Statement<[string, string, string, number], never>;
  readonly #extendMarks: Statement<[number, string, string], never>;
  readonly #forgetOld: Statement<[string, string, number], never>;
  readonly #remembered: Statement<[string, string], { count: number }>;
  readonly #knows: Statement<[string, string, string], { at: number }>;
  readonly #see: Statement<[string, string, string, number, number], never>;
  readonly #count: Statement<[string, string, number], { count: number }>;
  readonly #beyond: Statement<[string, 0 | 1, string, number], { id: string }>;
  readonly #forget: readonly Statement<[string, string], never>[];
  readonly #page: Statement<
    [string | null, string | null, string | null, number, number | null, string | null, number],
    Row
  >;

  constructor(database: Database) {
    this.#owner = database.prepare('SELECT id FROM campaign_marks WHERE account = ? AND mark = ?');
    this.#find = database.prepare(`SELECT ${COLUMNS} FROM campaigns WHERE account = ? AND id = ? AND expires_at > ?`);
    this.#put = database.prepare(
      `INSERT OR REPLACE INTO campaigns (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#mark = database.prepare(
      'INSERT OR REPLACE INTO campaign_marks (account, mark, id, expires_at) VALUES (?, ?, ?, ?)',
    );
    this.#extendMarks = database.prepare('UPDATE campaign_marks SET expires_at = ? WHERE account = ? AND id = ?');
    this.#forgetOld = database.prepare('DELETE FROM campaign_recipients WHERE account = ? AND id = ? AND at <= ?');
    this.#remembered = database.prepare(
      'SELECT COUNT(*) AS count FROM campaign_recipients WHERE account = ? AND id = ?',
    );
    this.#knows = database.prepare('SELECT at FROM campaign_recipients WHERE account = ? AND id = ? AND recipient = ?');
    this.#see = database.prepare(
      'INSERT OR REPLACE INTO campaign_recipients (account, id, recipient, at, expires_at) VALUES (?, ?, ?, ?, ?)',
    );
    this.#count = database.prepare(
      'SELECT COUNT(*) AS count FROM campaign_recipients WHERE account = ? AND id = ? AND at > ?',
    );
    this.#beyond = database.prepare(
      'SELECT id FROM campaigns WHERE account = ? AND kept = ? AND id <> ? ORDER BY latest_at DESC LIMIT 8 OFFSET ?',
    );
    this.#forget = ['campaigns', 'campaign_marks', 'campaign_recipients'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE account = ? AND id = ?`),
    );
    // By account, then the latest first; the cursor names the last one seen.
    this.#page = database.prepare(
      `SELECT ${COLUMNS} FROM campaigns WHERE kept = 1 AND (?1 IS NULL OR account = ?1) AND (?2 IS NULL OR state = ?2)
       AND expires_at > ?4 AND (?3 IS NULL OR account > ?3 OR (account = ?3 AND (-latest_at, id) > (-?5, ?6)))
       ORDER BY account, latest_at DESC, id LIMIT ?7`,
    );
  }

  sight(sighting: CampaignSighting, now: number): CampaignAnswer {
    const known = this.#alike(sighting, now);
    const row = known ?? this.#begin(sighting, now);
    const recipients = this.#countRecipients(sighting, row.id, now);
    const [inFirst = 0] = recipients;
    const kept = row.kept === 1 || inFirst >= sighting.keepFrom;
    const longest = Math.max(...sighting.windowsMs);
    const expiresAt = now + (kept ? Math.max(sighting.keepMs, longest) : longest);
    const seen: Row = {
      ...row,
      latest_at: now,
      messages: row.messages + 1,
      recipients: inFirst,
      kept: kept ? 1 : 0,
      expires_at: expiresAt,
    };
    this.#write(seen);
    if (known === null) for (const mark of sighting.marks) this.#claim(sighting.account, mark, row.id, expiresAt, now);
    else this.#extendMarks.run(expiresAt, sighting.account, row.id);
    this.#forgetBeyond(seen);
    const ofAccount = this.#find.get(sighting.account, ALL_CAMPAIGNS, now)?.state ?? 'seen';
    return { campaign: fromRow(seen), recipients, ofAccount };
  }

  decide({ account, id, state, by, note, keepMs }: CampaignDecision, now: number): Campaign | null {
    const found = this.#find.get(account, id, now) ?? (id === ALL_CAMPAIGNS ? blank(account, id, now) : undefined);
    if (found === undefined) return null;
    const expiresAt = id === ALL_CAMPAIGNS ? NEVER : now + keepMs;
    const undecided = state === 'seen';
    const decided: Row = {
      ...found,
      state,
      by_whom: undecided ? null : by,
      decided_at: undecided ? null : now,
      note: undecided ? '' : note,
      kept: 1,
      expires_at: expiresAt,
    };
    this.#write(decided);
    this.#extendMarks.run(expiresAt, account, id);
    return fromRow(decided);
  }

  page({ account, state, cursor, limit }: CampaignQuery, now: number): Page<Campaign> {
    const [after = null, latest = null, id = null] = cursor?.split(' ') ?? [];
    const from = latest === null ? null : Number(latest);
    const rows = this.#page.all(account ?? null, state ?? null, after, now, from, id, limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return {
      items: items.map(fromRow),
      next: last === undefined ? null : `${last.account} ${last.latest_at} ${last.id}`,
    };
  }

  #alike({ account, marks, isAlike }: CampaignSighting, now: number): Row | null {
    const asked = new Set<string>();
    for (const mark of marks) {
      const id = this.#owner.get(account, mark)?.id;
      if (id === undefined || asked.has(id)) continue;
      asked.add(id);
      const row = this.#find.get(account, id, now);
      if (row !== undefined && isAlike(row.signature)) return row;
    }
    return null;
  }

  #begin({ account, signature, subject, sender }: CampaignSighting, now: number): Row {
    return {
      ...blank(account, newCampaignId(), now),
      signature,
      subject: sampleText(subject),
      sender: sampleText(sender),
    };
  }

  /** A mark stays with the campaign that had it first, as long as that lives. */
  #claim(account: AccountId, mark: string, id: string, expiresAt: number, now: number): void {
    const owner = this.#owner.get(account, mark)?.id;
    if (owner !== undefined && owner !== id && this.#find.get(account, owner, now) !== undefined) return;
    this.#mark.run(account, mark, id, expiresAt);
  }

  #countRecipients({ account, recipients, windowsMs, countTo }: CampaignSighting, id: string, now: number): number[] {
    const longest = Math.max(...windowsMs);
    this.#forgetOld.run(account, id, now - longest);
    let remembered = this.#remembered.get(account, id)?.count ?? 0;
    for (const key of recipients) {
      const mark = recipientMark(account, key);
      const isNew = this.#knows.get(account, id, mark) === undefined;
      if (isNew && remembered >= countTo) continue;
      if (isNew) remembered += 1;
      this.#see.run(account, id, mark, now, now + longest);
    }
    return windowsMs.map((per) => this.#count.get(account, id, now - per)?.count ?? 0);
  }

  #forgetBeyond({ account, kept }: Row): void {
    const most = kept === 1 ? MOST_CAMPAIGNS.kept : MOST_CAMPAIGNS.passing;
    for (const { id } of this.#beyond.all(account, kept, ALL_CAMPAIGNS, most)) {
      for (const forget of this.#forget) forget.run(account, id);
    }
  }

  #write(row: Row): void {
    const { account, id, state, by_whom, decided_at, note, first_at, latest_at, messages } = row;
    const { recipients, subject, sender, signature, kept, expires_at } = row;
    const decision = [state, by_whom, decided_at, note];
    const counts = [first_at, latest_at, messages, recipients];
    this.#put.run(account, id, ...decision, ...counts, subject, sender, signature, kept, expires_at);
  }
}

function blank(account: AccountId, id: string, now: number): Row {
  return {
    account,
    id,
    state: 'seen',
    by_whom: null,
    decided_at: null,
    note: '',
    first_at: now,
    latest_at: now,
    messages: 0,
    recipients: 0,
    subject: '',
    sender: '',
    signature: '',
    kept: 0,
    expires_at: now,
  };
}

function fromRow(row: Row): Campaign {
  const { account, id, state, first_at, latest_at, messages, recipients, subject, sender } = row;
  const decided =
    row.by_whom === null || row.decided_at === null ? null : { by: row.by_whom, at: row.decided_at, note: row.note };
  return { account, id, state, decided, firstAt: first_at, latestAt: latest_at, messages, recipients, subject, sender };
}
