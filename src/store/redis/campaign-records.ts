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
  type Instant,
  MOST_CAMPAIGNS,
  type Page,
} from '../contract.js';
import type { Keys } from './keys.js';
import type { Link, RedisReply } from './link.js';
import { OrderedIndex } from './ordered-index.js';

/** Others may begin campaigns meanwhile; more rounds than this and the message begins one of its own. */
const MOST_ROUNDS = 5;

/** Messages alike, counted. */
export class CampaignRecords {
  readonly #accounts: OrderedIndex;

  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {
    this.#accounts = new OrderedIndex(link, (shard) => keys.campaignIndex(shard));
  }

  async sight(sighting: CampaignSighting): Promise<CampaignAnswer> {
    const unlike: string[] = [];
    let alike = '';
    for (let round = 1; ; round += 1) {
      const marks = round > MOST_ROUNDS ? [] : sighting.marks;
      const reply = await this.#count({ ...sighting, marks }, alike, unlike);
      if (reply[0] === 'counted') return this.#counted(sighting.account, reply);
      const candidates = pairs(reply.slice(1) as string[]);
      alike = candidates.find(([, signature]) => sighting.isAlike(signature))?.[0] ?? '';
      if (alike === '') unlike.push(...candidates.map(([id]) => id));
    }
  }

  async decide({ account, id, state, by, note, keepMs }: CampaignDecision): Promise<Campaign | null> {
    const args = [this.link.clock(), id, state, by, note, keepMs, MOST_CAMPAIGNS.kept];
    const flat = await this.link.script('decideCampaign', 'decide-campaign', this.#keysOf(account), args);
    const campaign = readCampaign(account, id, flat as string[]);
    if (campaign !== null) await this.#accounts.add('decideCampaign', [account]);
    return campaign;
  }

  async campaigns(query: CampaignQuery): Promise<Page<Campaign>> {
    const verb = 'campaigns';
    const now = await this.link.now(verb);
    const [after, latest, id] = query.cursor?.split(' ') ?? [];
    const found: Campaign[] = [];
    const accounts = query.account === undefined ? await this.#accountsFrom(after) : [query.account];
    for (const account of accounts) {
      const ofAccount = (await this.#ofAccount(account, now))
        .filter((one) => query.state === undefined || one.state === query.state)
        .filter((one) => account !== after || isAfter(one, Number(latest), id ?? ''));
      found.push(...ofAccount);
      if (found.length > query.limit) break;
    }
    const items = found.slice(0, query.limit);
    const last = found.length > query.limit ? items.at(-1) : undefined;
    return { items, next: last === undefined ? null : `${last.account} ${last.latestAt} ${last.id}` };
  }

  async #count(sighting: CampaignSighting, alike: string, unlike: readonly string[]): Promise<readonly RedisReply[]> {
    const { account, marks, recipients, windowsMs, countTo, keepFrom, keepMs, signature, subject, sender } = sighting;
    const args = [
      ...[this.link.clock(), alike, newCampaignId(), signature, sampleText(subject), sampleText(sender)],
      ...[countTo, keepFrom, keepMs, MOST_CAMPAIGNS.passing, MOST_CAMPAIGNS.kept],
      ...list(windowsMs),
      ...list(marks),
      ...list(recipients.map((key) => recipientMark(account, key))),
      ...list(unlike),
    ];
    const reply = await this.link.script('sightCampaign', 'sight-campaign', this.#keysOf(account), args);
    return reply as readonly RedisReply[];
  }

  async #counted(account: AccountId, reply: readonly RedisReply[]): Promise<CampaignAnswer> {
    const [, id, newlyKept, flat, recipients, ofAccount] = reply as [
      string,
      string,
      number,
      string[],
      number[],
      CampaignState | '',
    ];
    if (newlyKept === 1) await this.#accounts.add('sightCampaign', [account]);
    const campaign = readCampaign(account, id, flat);
    if (campaign === null) throw new Error('a campaign was counted and is empty');
    return { campaign, recipients, ofAccount: ofAccount === '' ? 'seen' : ofAccount };
  }

  async #accountsFrom(first: string | undefined): Promise<string[]> {
    const accounts: string[] = [];
    for (let min = first === undefined ? '-' : `[${first}`; ; ) {
      const page = await this.#accounts.first('campaigns', { min, max: '+' }, 1000);
      accounts.push(...page);
      if (page.length < 1000) return accounts;
      min = `(${page.at(-1)}`;
    }
  }

  /** The latest first. Those that are gone are taken off the list. */
  async #ofAccount(account: AccountId, now: Instant): Promise<Campaign[]> {
    const key = this.keys.keptCampaigns(account);
    const listed = (await this.link.command('campaigns', 'ZRANGE', key, 0, -1)) as string[];
    const ids = [ALL_CAMPAIGNS, ...listed];
    const flats = await Promise.all(
      ids.map((id) => this.link.command('campaigns', 'HGETALL', `${this.keys.campaigns(account)}:${id}`)),
    );
    const read = ids.map((id, index) => livingCampaign(account, id, flats[index] as string[], now));
    const gone = ids.filter((_, index) => read[index] === null);
    if (gone.length > 0) await this.link.command('campaigns', 'ZREM', key, ...gone);
    if (gone.length === ids.length) await this.#accounts.remove('campaigns', [account]);
    return read
      .filter((campaign) => campaign !== null)
      .sort((one, other) => other.latestAt - one.latestAt || (one.id < other.id ? -1 : 1));
  }

  #keysOf(account: AccountId): string[] {
    const { keys } = this;
    return [keys.campaigns(account), keys.passingCampaigns(account), keys.keptCampaigns(account)];
  }
}

function isAfter({ latestAt, id }: Campaign, latest: number, before: string): boolean {
  return latestAt < latest || (latestAt === latest && id > before);
}

function list(items: readonly (string | number)[]): readonly (string | number)[] {
  return [items.length, ...items];
}

function pairs(flat: readonly string[]): [string, string][] {
  const found: [string, string][] = [];
  for (let i = 0; i + 1 < flat.length; i += 2) found.push([flat[i] ?? '', flat[i + 1] ?? '']);
  return found;
}

function livingCampaign(account: AccountId, id: string, flat: readonly string[], now: Instant): Campaign | null {
  const expires = Number(new Map(pairs(flat)).get('expires') ?? 0);
  return expires > now || id === ALL_CAMPAIGNS ? readCampaign(account, id, flat) : null;
}

function readCampaign(account: AccountId, id: string, flat: readonly string[]): Campaign | null {
  if (flat.length === 0) return null;
  const fields = new Map(pairs(flat));
  const number = (name: string) => Number(fields.get(name) ?? 0);
  const by = fields.get('by');
  return {
    account,
    id,
    state: (fields.get('state') ?? 'seen') as CampaignState,
    decided: by === undefined ? null : { by, at: number('at'), note: fields.get('note') ?? '' },
    firstAt: number('first'),
    latestAt: number('latest'),
    messages: number('messages'),
    recipients: number('recipients'),
    subject: fields.get('subject') ?? '',
    sender: fields.get('sender') ?? '',
  };
}
