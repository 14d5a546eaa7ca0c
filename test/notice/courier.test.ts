/** From what happens to what an account is told: by mail through a relay, by webhook, on a real store whose clock is moved. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import t, { type Test } from 'tap';
import { checkSignature } from '../../src/feedback/webhook/signature.js';
import { Announcer } from '../../src/notice/announcer.js';
import { Courier } from '../../src/notice/courier.js';
import { announceDueAudits } from '../../src/notice/due-audits.js';
import { MailCarrier } from '../../src/notice/mail-carrier.js';
import { ProbeCarrier } from '../../src/notice/probe-carrier.js';
import { WebhookCarrier } from '../../src/notice/webhook-carrier.js';
import type { NoticeChannel } from '../../src/store/contract.js';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import { startPool } from '../relay/pool-for-tests.js';
import { startRelaySink } from '../support/relay-sink.js';

const UNNAMED = { list: null, stream: null };
const KEY = 'the key of the webhook';
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const EVERY_MS = 15 * MINUTE;
const WITHIN_MS = 60_000;

interface Heard {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers with what `status` says, and keeps what was good. */
async function startWebhook(t: Test) {
  const hook = { status: 200, heard: [] as Heard[], port: 0 };
  const server = createServer(async (request, response) => {
    hook.heard.push({ headers: request.headers, body: await text(request) });
    response.writeHead(hook.status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  hook.port = (server.address() as AddressInfo).port;
  return hook;
}

async function start(
  t: Test,
  channels: readonly NoticeChannel[],
  from = 'Desk <abuse@provider.example>',
  addresses: readonly string[] = ['desk@acme.example'],
) {
  const sink = await startRelaySink(t);
  const hook = await startWebhook(t);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-notices-'));
  let ahead = 0;
  const store = await openEmbeddedStore({
    path: join(folder, 'store.db'),
    times: { reservationTtlMs: 600_000, sessionTtlMs: 180_000, callTimeoutMs: 10_000 },
    clock: () => Date.now() + ahead,
  });
  const announcer = new Announcer({
    store,
    channelsOf: () => channels,
    dropped: () => t.fail('nothing is dropped'),
    queued: () => undefined,
  });
  const words = () => ({
    honourWithinMs: () => 48 * HOUR,
    linkOf: (audit: string) => `https://answer.example/e/${audit}`,
  });
  const relay = startPool(t, sink.port);
  const ended: { readonly what: 'told' | 'failed'; readonly count: number; readonly givenUp: number }[] = [];
  const watchers = new Set<() => void>();
  const end = (one: (typeof ended)[number]): void => {
    ended.push(one);
    for (const watcher of watchers) watcher();
  };
  const mail = { from, replyTo: null, reversePath: '', hostname: 'sluice.example' };
  const courier = new Courier({
    store,
    carriers: {
      mail: new MailCarrier(mail, relay, words, () => addresses),
      webhook: new WebhookCarrier(words, () => ({ url: `http://ann:pa%20ss@127.0.0.1:${hook.port}/`, key: KEY })),
      probe: new ProbeCarrier(mail, relay, null),
    },
    everyMs: EVERY_MS,
    giveUpAfterMs: 3 * 24 * HOUR,
    events: {
      told: ({ notices }) => end({ what: 'told', count: notices.length, givenUp: 0 }),
      failed: ({ notices }, _error, givenUp) => end({ what: 'failed', count: notices.length, givenUp }),
      troubled: (error) => t.fail(String(error)),
    },
  });
  courier.start();
  t.teardown(async () => {
    await courier.stop();
    await store.close();
    await rm(folder, { recursive: true });
  });
  /** Resolves when so many turns have ended since the beginning. */
  const turns = (count: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${ended.length} turns of ${count}`)), WITHIN_MS);
      const look = (): void => {
        if (ended.length < count) return;
        clearTimeout(timer);
        watchers.delete(look);
        resolve();
      };
      watchers.add(look);
      look();
      courier.wake();
    });
  const advance = (ms: number): void => {
    ahead += ms;
    courier.wake();
  };
  const revoke = async (address: string, fact = 'm1') => {
    await store.revoke({ key: address, account: 'acme', at: null, source: 'one-click' });
    await announcer.revoked('acme', { address, subscriptions: UNNAMED, source: 'one-click', fact });
  };
  return { sink, hook, store, announcer, ended, turns, advance, revoke };
}

t.test('the first at once, the others together; by mail that no robot answers', async (t) => {
  const { sink, ended, turns, advance, revoke, announcer } = await start(t, ['mail']);
  await revoke('ann@example.net');
  await turns(1);
  const [first] = sink.messages;
  const head = first?.data.toString().split('\r\n\r\n')[0] ?? '';
  t.equal(first?.mail, '<>');
  t.match(head, /^From: Desk <abuse@provider\.example>\r$/m);
  t.match(head, /^To: desk@acme\.example\r$/m);
  t.match(head, /^Subject: A recipient revoked consent \(account acme\)\r$/m);
  t.match(head, /^Message-ID: <notice\.[0-9a-f]{24}@sluice\.example>\r$/m);
  t.match(head, /^Auto-Submitted: auto-generated\r$/m);
  t.match(head, /^Content-Type: text\/plain; charset=utf-8\r?$/m);
  t.notMatch(head, /^List-|^Precedence/m);

  for (const name of ['bob', 'carl', 'dora', 'bob']) await revoke(`${name}@example.net`);
  await announcer.reputation('acme', 'complaints', 'stop', Date.now());
  await announcer.reputation('acme', 'complaints', 'stop', Date.now());
  advance(EVERY_MS + MINUTE);
  await turns(2);
  t.same(ended[1], { what: 'told', count: 4, givenUp: 0 });
  t.equal(sink.messages.length, 2, 'not one mail each');
  const digest = sink.messages[1]?.data.toString() ?? '';
  t.match(digest, /^Subject: 2 notices about mail of your account acme\r$/m);
  t.match(digest, /3 recipients revoked consent/);
  t.match(digest, /The share of complaints is so high that your mail is held up/);
});

t.test('by webhook, signed; what fails is tried again, and given up in the end', async (t) => {
  const { hook, store, ended, turns, advance, announcer, revoke } = await start(t, ['webhook']);
  hook.status = 503;
  const id = 'audit.00000000000001';
  const audit = { id, account: 'acme', kind: 'request', sample: null, by: 'olga', note: '' } as const;
  await announcer.audit(await store.openAudit({ ...audit, keys: ['bob@example.net'] }), 'opened');
  await turns(1);
  t.match(ended, [{ what: 'failed', count: 1, givenUp: 0 }]);
  hook.status = 200;
  advance(2 * MINUTE);
  await turns(2);
  t.match(ended[1], { what: 'told', count: 1 });
  const [failed, told] = hook.heard;
  t.equal(told?.headers['idempotency-key'], failed?.headers['idempotency-key'], 'the same, as it may have been taken');
  t.equal(told?.headers.authorization, `Basic ${Buffer.from('ann:pa ss').toString('base64')}`);
  const signature = told?.headers['sluice-signature'];
  t.equal(checkSignature(String(signature), told?.body ?? '', [KEY], Date.now()), 'good');
  t.match(JSON.parse(told?.body ?? ''), {
    account: 'acme',
    notices: [
      {
        kind: 'audit',
        event: 'opened',
        audit: { id, state: 'open', unanswered: ['bob@example.net'], answerUrl: `https://answer.example/e/${id}` },
      },
    ],
  });

  hook.status = 500;
  advance(-4 * 24 * HOUR);
  await revoke('old@example.net');
  advance(4 * 24 * HOUR + EVERY_MS + MINUTE);
  await turns(3);
  t.match(ended[2], { what: 'failed', count: 1, givenUp: 1 });
  t.same(await store.waitingNotices({ limit: 10 }), []);
});

t.test('cases that run out are told of once each; decided ones are not', async (t) => {
  const { sink, store, turns, advance, announcer, ended } = await start(t, ['mail']);
  const open = (id: string) =>
    store.openAudit({
      ...{ id, account: 'acme', kind: 'request', sample: null, by: 'olga', note: '' },
      keys: ['bob@example.net'],
    });
  await open('audit.00000000000001');
  await open('audit.00000000000002');
  await announceDueAudits(store, announcer);
  t.same(await store.waitingNotices({ limit: 10 }), [], 'there is time');
  advance(50 * HOUR);
  await announceDueAudits(store, announcer);
  await turns(1);
  t.match(sink.messages[0]?.data.toString(), /^Subject: 2 notices about mail/m, 'a day before');
  t.equal(sink.messages[0]?.data.toString().match(/^Evidence of consent is due within 24 hours\r$/gm)?.length, 2);
  advance(23 * HOUR);
  await announceDueAudits(store, announcer);
  await announceDueAudits(store, announcer);
  await store.closeAudit('audit.00000000000002', { result: 'satisfied', by: 'olga', note: '' });
  await turns(2);
  const missed = sink.messages[1]?.data.toString() ?? '';
  t.match(missed, /^Subject: Evidence of consent was not produced in time/m);
  t.match(missed, /audit\.00000000000001/);
  const decided = await store.closeAudit('audit.00000000000001', {
    result: 'violation',
    by: 'olga',
    note: 'not theirs',
  });
  if (decided !== null) await announcer.audit(decided, 'decided');
  advance(EVERY_MS + MINUTE);
  await turns(3);
  const violation = sink.messages[2]?.data.toString() ?? '';
  t.match(violation, /^Subject: A request for evidence was decided/m);
  t.notMatch(violation, /not theirs/, 'what a colleague should know stays with the desk');
  t.equal(ended.length, 3);
});

t.test(
  'of revocations the account is told what holds: the first time, the list or stream, nothing that was lifted',
  async (t) => {
    const { hook, store, turns, advance, announcer, revoke } = await start(t, ['webhook']);
    await revoke('first@example.net');
    await turns(1);
    const since = Date.now();
    await revoke('bob@example.net');
    advance(2 * MINUTE);
    await revoke('bob@example.net', 'm2');
    await revoke('lifted@example.net');
    await store.liftRevocation('lifted@example.net', 'acme');
    const byMail = { account: 'acme', at: null, source: 'remove-mail' };
    const [list, stream] = ['news.acme.example', 'offers'];
    await store.revoke({ ...byMail, key: 'carl@example.net', subscription: { kind: 'list', name: list } });
    await store.revoke({ ...byMail, key: 'dora@example.net', subscription: { kind: 'stream', name: stream } });
    const told = { subscriptions: UNNAMED, source: 'remove-mail', fact: 'm3' };
    await announcer.revoked('acme', { ...told, address: 'carl@example.net' });
    await announcer.revoked('acme', { ...told, address: 'dora@example.net', subscriptions: { list, stream } });
    advance(EVERY_MS);
    await turns(2);
    const { notices } = JSON.parse(hook.heard[1]?.body ?? '') as {
      notices: { address: string; revokedAt: string; list: string | null; stream: string | null }[];
    };
    t.same(
      notices.map(({ address, list, stream }) => [address, list, stream]),
      [
        ['bob@example.net', null, null],
        ['carl@example.net', 'news.acme.example', null],
        ['dora@example.net', null, 'offers'],
      ],
    );
    t.ok(Date.parse(notices[0]?.revokedAt ?? '') - since < MINUTE, 'asking again starts no new time');
  },
);

t.test('one dead address does not keep the others from being told', async (t) => {
  const { sink, turns, revoke, ended } = await start(t, ['mail'], undefined, [
    'gone@acme.example',
    'desk@acme.example',
  ]);
  sink.script = { steps: { RCPT: ({ line }) => (line.includes('gone@') ? '550 5.1.1 unknown' : undefined) } };
  await revoke('ann@example.net');
  await turns(1);
  t.match(ended, [{ what: 'told' }]);
  t.match(sink.messages, [{ recipients: [{ path: '<desk@acme.example>' }] }]);
});

t.test('what accounts and recipients are called starts no line and no header field', async (t) => {
  const { sink, store, turns, announcer } = await start(t, ['mail']);
  const address = '"a\r\n.\r\nBcc: eve@example.net"@example.net';
  const subscription = { kind: 'list', name: 'x\r\ny' } as const;
  await store.revoke({ key: address, account: 'acme', at: null, source: 'cli', subscription });
  const subscriptions = { list: subscription.name, stream: null };
  await announcer.revoked('acme', { address, subscriptions, source: '.\r\n.', fact: 'm1' });
  await turns(1);
  t.same(
    sink.messages.flatMap(({ recipients }) => recipients.map(({ path }) => path)),
    ['<desk@acme.example>'],
  );
  t.notMatch(sink.messages[0]?.data.toString() ?? '', /^Bcc/m);
});
