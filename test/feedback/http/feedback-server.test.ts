/** The listener for links, outcomes and webhooks, with a real store behind it. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { newAuditId } from '../../../src/audit/audit-id.js';
import { invitationUrl } from '../../../src/feedback/double-opt-in/invitation.js';
import { answerLink } from '../../../src/feedback/evidence/answer-link.js';
import { type FeedbackHttpSettings, FeedbackServer } from '../../../src/feedback/http/feedback-server.js';
import { signLink } from '../../../src/feedback/one-click/link-token.js';
import { sign } from '../../../src/feedback/webhook/signature.js';
import type { ReportPolicy } from '../../../src/store/contract.js';
import { openEmbeddedStore } from '../../../src/store/embedded/embedded-store.js';

const LINK_KEY = 'the key of links, long enough';
const EVIDENCE_KEY = 'the key of cases, long enough';
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
  evidenceKeys: [EVIDENCE_KEY],
  doubleOptIn: { keys: [LINK_KEY], url: 'https://sluice.example', text: 'Mail of <{account}>, please.' },
  isProxy: (address) => address === '127.0.0.1',
  apiKeys: [API_KEY],
  webhooks: { ses: PASSWORD },
};
const refused: string[] = [];
const subscriptions: string[] = [];
const server = new FeedbackServer({
  settings,
  report: (report) => store.report(report, () => policy),
  policyOf: () => policy,
  store,
  onConsent: () => {},
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
  `/u/${signLink({ account: 'acme', key, list: null, stream: null, expiresAt: Date.now() + DAY }, LINK_KEY)}`;

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

t.test('an account answers a case by its link: a form, CSV, JSON', async (t) => {
  const id = newAuditId(Date.now());
  const keys = ['ann@example.net', 'bob@example.net', '<b>@example.net'];
  await store.openAudit({ id, account: 'acme', kind: 'request', keys, sample: null, by: 'olga', note: 'not for them' });
  const path = answerLink(id, { url: '', keys: [EVIDENCE_KEY] });
  const shown = await fetch(url(path), { headers: { connection: 'close' } });
  t.equal(shown.status, 200);
  const html = await shown.text();
  t.match(html, /ann@example\.net/);
  t.match(html, /&lt;b&gt;@example\.net/, 'what recipients are called is no markup');
  t.notMatch(html, /not for them/);

  const csv = 'address,ip\nann@example.net,192.0.2.7\neve@example.net,192.0.2.8\n';
  const byForm = await post(path, `csv=${encodeURIComponent(csv)}`, form);
  t.equal(byForm.status, 200);
  t.match(await byForm.text(), /Taken: 1\.[\s\S]*line 3: this case does not ask about the address/);
  const nothing = await post(path, 'address\nbob@example.net\n', { 'content-type': 'text/csv' });
  t.equal(nothing.status, 400);
  t.match(await nothing.json(), { taken: 0, problems: [{ place: 'line 2', problem: /nothing proves it/ }] });
  const answers = [
    { address: 'bob@example.net', url: 'https://acme.example/join', confirmed: '2026-01-02T03:04:05Z' },
    { address: '<b>@example.net', ip: 7 },
    'nonsense',
  ];
  const byJson = await post(path, JSON.stringify({ answers }), { 'content-type': 'application/json' });
  t.match(await byJson.json(), {
    taken: 1,
    state: 'open',
    problems: [{ place: 'answers[1]' }, { place: 'answers[2]' }],
  });
  t.match(await store.auditOf(id), {
    addresses: [
      { answer: { by: 'account', consent: { evidence: { ip: '192.0.2.7' } } } },
      { answer: {} },
      { answer: null },
    ],
  });
  t.same(await store.consentsOf('acme', keys), [null, null, null], 'the ledger of consents is as it was');

  t.equal((await post(path, '[]', { 'content-type': 'text/plain' })).status, 415);
  t.equal((await post(path, 'no json', { 'content-type': 'application/json' })).status, 400);
  t.equal((await post(path, `a,"${'x'.repeat(600_000)}"`, { 'content-type': 'text/csv' })).status, 413);
  t.equal((await fetch(url(`${path.slice(0, -3)}AAA`), { headers: { connection: 'close' } })).status, 404);
  t.match(refused.at(-1), '404 GET /e/…', 'the log does not tell the token');
  const ofUnsubscribe = signLink(
    { account: 'acme', key: BOB, list: null, stream: null, expiresAt: Date.now() + DAY },
    EVIDENCE_KEY,
  );
  t.equal(
    (await fetch(url(`/e/${ofUnsubscribe}`), { headers: { connection: 'close' } })).status,
    404,
    'another purpose',
  );
  await store.closeAudit(id, { result: 'satisfied', by: 'olga', note: '' });
  t.equal((await post(path, csv, { 'content-type': 'text/csv' })).status, 409);
});

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
  const forged = `/u/${signLink({ account: 'acme', key, list: null, stream: null, expiresAt: Date.now() + DAY }, 'not the key that we have')}`;
  const expired = `/u/${signLink({ account: 'acme', key, list: null, stream: null, expiresAt: Date.now() - 1 }, LINK_KEY)}`;
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

t.test('a confirmation link records a consent once, with what proves it', async (t) => {
  const key = 'gina@example.net';
  const inviting = (expiresAt: number, secret = LINK_KEY) =>
    invitationUrl('', { account: 'acme', key, expiresAt }, secret);
  const invited = inviting(Date.now() + DAY);
  const consent = async () => (await store.consentsOf('acme', [key]))[0] ?? null;
  const press = (path: string, from = '192.0.2.7') =>
    post(path, 'consent=confirmed', { ...form, 'x-forwarded-for': `10.0.0.1, ${from}` });

  const shown = await (await fetch(url(invited), { headers: { connection: 'close' } })).text();
  t.match(shown, /Mail of &lt;acme&gt;, please\.[\s\S]*<button name="consent"/);
  t.equal((await post(invited, 'consent=no', form)).status, 400);
  for (const path of [inviting(Date.now() + DAY, 'not the key that we have'), link(key).replace('/u/', '/c/')]) {
    t.equal((await press(path)).status, 404);
  }
  t.equal((await press(inviting(Date.now() - 1))).status, 410);
  t.equal(await consent(), null, 'none of it changed anything');

  await store.revoke({ key, account: 'acme', at: 1000, source: 'cli' });
  t.equal((await press(invited)).status, 200);
  const evidence = { ip: '192.0.2.7', url: `https://sluice.example${invited}`, text: 'Mail of <acme>, please.' };
  t.match(await consent(), { source: 'double-opt-in', evidence });
  t.equal(await revocationOf(key), null, 'an earlier revocation is lifted');
  await store.revoke({ key, account: 'acme', at: null, source: 'one-click' });
  t.equal((await press(invited, '192.0.2.8')).status, 200);
  t.match(await consent(), { evidence: { ip: '192.0.2.7' } }, 'the first press counts');
  t.ok(await revocationOf(key), 'the link of then does not take back what came since');
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
