/** The listener for links, outcomes and webhooks, with a real store behind it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { type FeedbackHttpSettings, FeedbackServer } from '../../../src/feedback/http/feedback-server.js';
import { signLink } from '../../../src/feedback/one-click/link-token.js';
import { sign } from '../../../src/feedback/webhook/signature.js';
import type { ReportPolicy } from '../../../src/store/contract.js';
import { openEmbeddedStore } from '../../../src/store/embedded/embedded-store.js';

const LINK_KEY = 'the key of links, long enough';
const API_KEY = 'the key of the API, long enough';
const PASSWORD = 'what the provider knows';
const DAY = 86_400_000;
const BOB = 'bob@example.net';

const folder = await mkdtemp(join(tmpdir(), 'sluice-feedback-http-'));
const store = await openEmbeddedStore({
  path: join(folder, 'store.db'),
  times: { reservationTtlMs: 600_000, sessionTtlMs: 180_000, callTimeoutMs: 5_000 },
});
const policy: ReportPolicy = {
  scope: 'account',
  presumeDeliveredAfterMs: 7 * DAY,
  keepMs: 90 * DAY,
  complaints: 'account',
  reportWindowMs: 14 * DAY,
  revocations: 'account',
  keptOutcomes: 1000,
};
const settings: FeedbackHttpSettings = {
  address: { host: '127.0.0.1', port: 0 },
  tls: null,
  linkKeys: [LINK_KEY],
  apiKeys: [API_KEY],
  webhooks: { ses: PASSWORD },
};
const refused: string[] = [];
const subscriptions: string[] = [];
const server = new FeedbackServer({
  settings,
  report: (report) => store.report(report, () => policy),
  onRefused: (what) => refused.push(what),
  onError: (error) => t.fail(String(error)),
  onSubscription: (url) => subscriptions.push(url),
});
await server.start();
t.teardown(async () => {
  await server.stop();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
const post = (path: string, body: string, headers: Record<string, string> = {}) =>
  fetch(url(path), { method: 'POST', body, headers: { connection: 'close', ...headers } });
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const link = (key: string) =>
  `/u/${signLink({ account: 'acme', key, list: null, expiresAt: Date.now() + DAY }, LINK_KEY)}`;

async function revocationOf(key: string) {
  const facts = { suppression: false, revocation: true, rejections: false };
  const { recipients } = await store.look({
    account: 'acme',
    accountLimits: [],
    floodLimits: { account: [], everyone: [] },
    recipients: [{ key, domain: 'example.net', untaggedKey: null, resource: 'recipients' }],
    facts,
  });
  return recipients[0]?.revocation ?? null;
}

t.test('a link scanner changes nothing', async (t) => {
  const response = await fetch(url(link(BOB)), { headers: { connection: 'close' } });
  t.equal(response.status, 200);
  t.match(await response.text(), /<form method="post"><button/);
  t.match(response.headers.get('content-security-policy'), /default-src 'none'/);
  t.equal(await revocationOf(BOB), null);
});

t.test('one click revokes, as a form and as a part, and again', async (t) => {
  t.equal((await post(link(BOB), 'List-Unsubscribe=One-Click', form)).status, 200);
  t.match(await revocationOf(BOB), { account: 'acme', source: 'one-click' });
  t.equal((await post(link(BOB), 'List-Unsubscribe=One-Click', form)).status, 200, 'once more does no harm');
  const data = new FormData();
  data.set('List-Unsubscribe', 'One-Click');
  const response = await fetch(url(link('ann@example.net')), {
    method: 'POST',
    body: data,
    headers: { connection: 'close' },
  });
  t.equal(response.status, 200);
  t.match(await revocationOf('ann@example.net'), { source: 'one-click' });
});

t.test("the page's button does, any other POST does not", async (t) => {
  t.equal((await post(link('carl@example.net'), 'hello=1', form)).status, 400);
  t.equal(await revocationOf('carl@example.net'), null);
  t.equal((await post(link('carl@example.net'), 'unsubscribe=confirmed', form)).status, 200);
  t.ok(await revocationOf('carl@example.net'));
});

t.test('forged, changed and expired links do nothing', async (t) => {
  const key = 'dora@example.net';
  const forged = `/u/${signLink({ account: 'acme', key, list: null, expiresAt: Date.now() + DAY }, 'not the key that we have')}`;
  const expired = `/u/${signLink({ account: 'acme', key, list: null, expiresAt: Date.now() - 1 }, LINK_KEY)}`;
  const others = link(key).replace(/\.[\w-]+$/, link('eve@example.net').slice(-23));
  for (const path of [forged, others, '/u/nothing']) {
    t.equal((await post(path, 'List-Unsubscribe=One-Click', form)).status, 404);
  }
  t.equal((await post(expired, 'List-Unsubscribe=One-Click', form)).status, 410);
  t.equal(await revocationOf(key), null);
  t.ok(
    refused.length >= 3 && refused.every((what) => !what.includes(forged.slice(4))),
    'the log hears of it, not of the token',
  );
});

t.test('outcomes by API', async (t) => {
  await store.rememberPassed(
    {
      id: 't1',
      account: 'acme',
      reversePath: 'a@acme.example',
      queueId: 'Q1',
      messageId: '<m1@acme.example>',
      envid: null,
      recipients: [BOB],
    },
    14 * DAY,
  );
  const ask = (body: string, signature = sign(body, API_KEY, Date.now())) =>
    post('/v1/outcomes', body, { 'sluice-signature': signature });
  const outcome = {
    recipient: BOB,
    kind: 'rejected',
    status: '5.1.1',
    diagnostic: 'user unknown',
    message: { queueId: 'Q1' },
  };
  const body = JSON.stringify({ outcomes: [outcome] });

  t.match(await (await ask(body)).json(), {
    results: [{ result: 'counted', account: 'acme', key: BOB, message: 't1' }],
  });
  t.match(await (await ask(body)).json(), { results: [{ result: 'known' }] }, 'told twice, counted once');
  t.match(await store.rejectionsOf(BOB), [{ count: 1, account: 'acme' }]);
  t.match(await (await ask(body.replace('Q1', 'Q2'))).json(), { results: [{ result: 'unmatched' }] });

  t.equal((await ask(body, sign(body, 'some other key', Date.now()))).status, 401);
  t.equal((await ask(body, sign(body, API_KEY, Date.now() - 10 * 60_000))).status, 401, 'heard and sent again later');
  t.equal((await ask(`${body} `, sign(body, API_KEY, Date.now()))).status, 401, 'changed on its way');
  t.equal((await post('/v1/outcomes', body)).status, 401);
  const wrong = JSON.stringify({ outcomes: [outcome, { ...outcome, kind: 'lost' }] });
  const answer = await ask(wrong);
  t.equal(answer.status, 400);
  t.match(await answer.json(), { error: { type: 'invalid_request', param: 'outcomes.1.kind' } });
  t.equal((await ask('{')).status, 400);
  t.equal((await ask('x'.repeat(3 * 1024 * 1024))).status, 413);
  t.equal((await fetch(url('/v1/outcomes'), { headers: { connection: 'close' } })).status, 405);
});

t.test('a webhook', async (t) => {
  const basic = (password: string) => ({ authorization: `Basic ${Buffer.from(`any:${password}`).toString('base64')}` });
  const body = JSON.stringify({
    Type: 'Notification',
    Message: JSON.stringify({
      notificationType: 'Complaint',
      mail: { messageId: 'Q1' },
      complaint: { complainedRecipients: [{ emailAddress: BOB }] },
    }),
  });
  t.same(await (await post('/v1/webhooks/ses', body, basic(PASSWORD))).json(), { counted: 1, known: 0, unmatched: 0 });
  const suppressed = await store.suppressionsOf({ key: BOB, domain: 'example.net', untaggedKey: null });
  t.match(suppressed, [{ account: 'acme', reason: 'complained' }]);
  t.equal((await post('/v1/webhooks/ses', body, basic('guess'))).status, 401);
  t.equal((await post('/v1/webhooks/ses', body)).status, 401);
  t.equal((await post('/v1/webhooks/mailgun', body, basic(PASSWORD))).status, 404, 'no password, no webhook');
  const confirm = JSON.stringify({ Type: 'SubscriptionConfirmation', SubscribeURL: 'https://sns.example/confirm' });
  t.equal((await post('/v1/webhooks/ses', confirm, basic(PASSWORD))).status, 200);
  t.same(subscriptions, ['https://sns.example/confirm']);
});

t.test('who guesses is slowed down, who has a genuine link is not', async (t) => {
  const statuses = new Set<number>();
  for (let guess = 0; guess < 80; guess += 1) statuses.add((await post(`/u/guess${guess}`, '', form)).status);
  t.ok(statuses.has(429));
  t.equal((await post(link('frank@example.net'), 'List-Unsubscribe=One-Click', form)).status, 200);
});
