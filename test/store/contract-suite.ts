/**
 * What every store must do, as stories. `embedded/` and `redis/` run the same
 * ones; a store that passes them may serve.
 *
 * A store's clock may stand still between moves or go on by itself (Redis'
 * does): the stories leave several seconds of slack wherever a time matters.
 */

import { t } from 'tap';
import type { StoreTimes } from '../../src/store/contract.js';
import { accountStories } from './contract/accounts.js';
import { auditStories } from './contract/audits.js';
import { campaignStories } from './contract/campaigns.js';
import { consentStories } from './contract/consents.js';
import { decisionStories } from './contract/decisions.js';
import { domainStories } from './contract/domains.js';
import { leaseStories } from './contract/leases.js';
import { lookStories } from './contract/looks.js';
import { meterStories } from './contract/meters.js';
import { noticeStories } from './contract/notices.js';
import { outcomeStories } from './contract/outcomes.js';
import { raceStories } from './contract/races.js';
import { recipientChargeStories } from './contract/recipient-charges.js';
import { recipientStories } from './contract/recipients.js';
import { reportStories } from './contract/reports.js';
import { sessionStories } from './contract/sessions.js';
import type { OpenStore, Story } from './contract/story.js';
import { suppressionStories } from './contract/suppressions.js';
import { MINUTE } from './contract/times.js';
import { windowStories } from './contract/windows.js';

export type { OpenedStore, OpenStore } from './contract/story.js';

export const SUITE_TIMES: StoreTimes = {
  reservationTtlMs: 10 * MINUTE,
  sessionTtlMs: 3 * MINUTE,
  callTimeoutMs: 5_000,
};

export function contractSuite(name: string, open: OpenStore): void {
  const story: Story = (title, body) => {
    t.test(`${name}: ${title}`, async (t) => body(t, await open(t, SUITE_TIMES)));
  };
  windowStories(story);
  leaseStories(story);
  raceStories(story);
  recipientChargeStories(story);
  meterStories(story);
  sessionStories(story);
  accountStories(story);
  recipientStories(story);
  suppressionStories(story);
  outcomeStories(story);
  reportStories(story);
  campaignStories(story);
  domainStories(story);
  consentStories(story);
  auditStories(story);
  noticeStories(story);
  decisionStories(story);
  lookStories(story);
  story('answers a ping, and nothing after it was closed', async (t, { store, second }) => {
    const tookMs = await store.ping();
    t.ok(tookMs >= 0 && tookMs < SUITE_TIMES.callTimeoutMs);
    await second.close();
    await second.close();
    await t.rejects(second.ping(), { code: 'STORE_UNAVAILABLE', verb: 'ping' });
    await t.rejects(second.stateOf('acme'), { code: 'STORE_UNAVAILABLE', verb: 'stateOf' });
    await t.resolves(store.ping(), 'the other connection goes on');
  });
}
