/** Campaigns: messages alike of one account, counted by whoever sees them. */

import {
  ALL_CAMPAIGNS,
  type Campaign,
  type CampaignQuery,
  type CampaignSighting,
  type Store,
} from '../../../src/store/contract.js';
import type { Story } from './story.js';
import { DAY, HOUR, MINUTE } from './times.js';

const sightingOf = (marks: readonly string[], more: Partial<CampaignSighting> = {}): CampaignSighting => ({
  account: 'acme',
  marks,
  signature: marks.join('+'),
  isAlike: () => true,
  recipients: ['bob@example.net'],
  windowsMs: [HOUR],
  countTo: 1_000,
  keepFrom: 3,
  keepMs: 30 * DAY,
  subject: 'News',
  sender: 'news@acme.example',
  ...more,
});

const people = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => `r${from + index}@example.net`);

async function listed(store: Store, query: Omit<CampaignQuery, 'cursor' | 'limit'> = {}): Promise<Campaign[]> {
  const items: Campaign[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await store.campaigns(cursor ? { ...query, limit: 2, cursor } : { ...query, limit: 2 });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
}

export function campaignStories(story: Story): void {
  story('messages that share a mark and are alike are one campaign, wherever they are seen', async (t, opened) => {
    const { store, second } = opened;
    const first = await store.sightCampaign(sightingOf(['a', 'b'], { subject: 'Spring news' }));
    t.match(first.campaign, { account: 'acme', state: 'seen', decided: null, messages: 1, recipients: 1 });
    t.same(first.recipients, [1]);
    t.equal(first.ofAccount, 'seen');
    const again = await second.sightCampaign(sightingOf(['x', 'b'], { recipients: people(0, 2), subject: 'Other' }));
    t.equal(again.campaign.id, first.campaign.id);
    t.match(again.campaign, { messages: 2, recipients: 3, subject: 'Spring news', sender: 'news@acme.example' });
    const other = await store.sightCampaign(sightingOf(['c', 'd']));
    t.not(other.campaign.id, first.campaign.id, 'nothing in common');
    const elsewhere = await store.sightCampaign(sightingOf(['a', 'b'], { account: 'zenith' }));
    t.same(elsewhere.recipients, [1], 'another account has campaigns of its own');
    const none = await store.sightCampaign(sightingOf([]));
    t.equal(none.campaign.messages, 1, 'without marks it is alone');
  });

  story('those that share a mark are compared, and the unlike ones are apart', async (t, { store, second }) => {
    const asked: string[] = [];
    const unlike = (signature: string) => {
      asked.push(signature);
      return false;
    };
    const one = await store.sightCampaign(sightingOf(['a', 'b'], { signature: 'one' }));
    const two = await second.sightCampaign(sightingOf(['b', 'c'], { signature: 'two', isAlike: unlike }));
    t.same(asked, ['one']);
    t.not(two.campaign.id, one.campaign.id);
    const three = sightingOf(['a', 'c'], { isAlike: (signature) => signature === 'two' });
    t.equal((await store.sightCampaign(three)).campaign.id, two.campaign.id, 'found by the mark that only it has');
  });

  story('two processes that begin the same campaign at once begin one', async (t, { store, second }) => {
    const answers = await Promise.all(
      people(0, 40).map((key, index) =>
        (index % 2 === 0 ? store : second).sightCampaign(sightingOf(['a', `m${index}`], { recipients: [key] })),
      ),
    );
    t.equal(new Set(answers.map(({ campaign }) => campaign.id)).size, 1);
    t.same((await store.sightCampaign(sightingOf(['a'], { recipients: people(0, 1) }))).recipients, [40]);
  });

  story('recipients are distinct, counted in rolling windows, and up to a bound', async (t, { store, advance }) => {
    const windows: CampaignSighting['windowsMs'] = [HOUR, DAY];
    const sight = (recipients: readonly string[], countTo = 1_000) =>
      store.sightCampaign(sightingOf(['a'], { recipients, windowsMs: windows, countTo }));
    t.same((await sight(people(0, 10))).recipients, [10, 10]);
    t.same((await sight(people(5, 15))).recipients, [15, 15], 'five of them again');
    await advance(HOUR + MINUTE);
    t.same((await sight(people(0, 2))).recipients, [2, 15], 'the hour has passed for the others');
    t.same((await sight(people(20, 60), 30)).recipients, [17, 30], 'no more than the bound is remembered');
    await advance(DAY + MINUTE);
    t.same((await sight(people(0, 1))).recipients, [1, 1]);
  });

  story('what reaches few is forgotten with its window, what reaches many is kept', async (t, { store, advance }) => {
    const small = await store.sightCampaign(sightingOf(['s']));
    const large = await store.sightCampaign(sightingOf(['l'], { recipients: people(0, 3) }));
    t.same(
      (await listed(store)).map(({ id }) => id),
      [large.campaign.id],
      'only what is worth keeping is listed',
    );
    await advance(HOUR + MINUTE);
    t.not((await store.sightCampaign(sightingOf(['s']))).campaign.id, small.campaign.id);
    const later = await store.sightCampaign(sightingOf(['l']));
    t.equal(later.campaign.id, large.campaign.id);
    t.same(later.recipients, [1]);
    await advance(30 * DAY + MINUTE);
    t.same(await listed(store), []);
    t.not((await store.sightCampaign(sightingOf(['l']))).campaign.id, large.campaign.id);
  });

  story('a campaign is approved or refused, and so are all of an account', async (t, { store, second, advance }) => {
    const { campaign } = await store.sightCampaign(sightingOf(['a'], { keepFrom: 1 }));
    const decision = { account: 'acme', by: 'ann', note: 'seen, fine', keepMs: 30 * DAY };
    t.equal(await second.decideCampaign({ ...decision, id: 'nothing', state: 'approved' }), null);
    const approved = await second.decideCampaign({ ...decision, id: campaign.id, state: 'approved' });
    t.match(approved, { id: campaign.id, state: 'approved', decided: { by: 'ann', note: 'seen, fine' } });
    t.equal((await store.sightCampaign(sightingOf(['a']))).campaign.state, 'approved');
    await advance(2 * DAY);
    t.equal((await store.sightCampaign(sightingOf(['a']))).campaign.state, 'approved', 'it is kept');
    t.match(await store.decideCampaign({ ...decision, id: campaign.id, state: 'seen' }), { decided: null });

    t.equal((await store.sightCampaign(sightingOf(['z'], { account: 'zenith' }))).ofAccount, 'seen');
    await store.decideCampaign({ ...decision, account: 'zenith', id: ALL_CAMPAIGNS, state: 'approved' });
    await advance(90 * DAY);
    t.equal((await second.sightCampaign(sightingOf(['y'], { account: 'zenith' }))).ofAccount, 'approved');
    t.equal((await second.sightCampaign(sightingOf(['y']))).ofAccount, 'seen', 'of the other account nothing was said');
    t.match(await listed(store, { account: 'zenith', state: 'approved' }), [{ id: ALL_CAMPAIGNS }]);
  });

  story('they are listed by account, the latest first, and page by page', async (t, { store, second, advance }) => {
    for (const [index, account] of ['b', 'a', 'a', 'a', 'b'].entries()) {
      await store.sightCampaign(sightingOf([`m${index}`], { account, keepFrom: 1, subject: `s${index}` }));
      await advance(MINUTE);
    }
    const subjects = (campaigns: readonly Campaign[]) => campaigns.map(({ subject }) => subject);
    t.same(subjects(await listed(second)), ['s3', 's2', 's1', 's4', 's0']);
    t.same(subjects(await listed(second, { account: 'b' })), ['s4', 's0']);
    t.same(await listed(second, { state: 'approved' }), []);
  });

  story('what messages say is kept as text, and not too much of it', async (t, { store }) => {
    const subject = `Übersicht\n${'🙂'.repeat(300)}`;
    const { campaign } = await store.sightCampaign(sightingOf(['a'], { subject, sender: '' }));
    t.ok(campaign.subject.startsWith('Übersicht\n🙂') && campaign.subject.length <= 200);
    t.equal(Buffer.from(campaign.subject).toString(), campaign.subject, 'no character cut in two');
    t.equal(campaign.sender, '');
  });
}
