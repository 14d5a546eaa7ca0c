/** What an account hears: a revocation, a request for evidence that it answers by link, a test of its complaint address, a miss. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { signLink } from '../../../src/feedback/one-click/link-token.js';
import type { AuditCase, Store } from '../../../src/store/contract.js';
import { openEmbeddedStore } from '../../../src/store/embedded/embedded-store.js';
import { openRedisStore } from '../../../src/store/redis/redis-store.js';
import { type FakeClock, fakeClock } from '../../support/fake-clock.js';
import { freePort } from '../../support/free-port.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { type RelaySink, type SinkMessage, startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';

const HOUR = 3_600_000;
const LINK_KEY = 'the key of links, long enough';
const NOTICE_WITHIN_MS = 60_000;

interface Answer {
  readonly audit: AuditCase;
  readonly told: boolean;
  readonly answerUrl: string | null;
}

async function ask(sluice: Sluice, ...args: string[]): Promise<Answer> {
  const { stdout, stderr } = await sluice.cli('audit', ...args, '--json');
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as Answer;
}

/** The text of a mail as a person reads it. */
function textOf({ data }: SinkMessage): string {
  const [head = '', ...body] = data.toString().split('\r\n\r\n');
  const text = body.join('\r\n\r\n');
  if (!/quoted-printable/i.test(head)) return text;
  return text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`)));
}

function recipientsOf({ recipients }: SinkMessage): readonly string[] {
  return recipients.map(({ path }) => path);
}

async function nextNotice(t: Test, sink: RelaySink): Promise<string> {
  const notice = await sink.nextMessage(NOTICE_WITHIN_MS);
  t.equal(notice.mail, '<>');
  t.same(recipientsOf(notice), ['<desk@acme.example>']);
  t.match(notice.data.toString(), /^Auto-Submitted: auto-generated\r$/m);
  return textOf(notice);
}

/** A store that lives by the test's clock, and how the test opens it. */
interface Place {
  readonly config: ConfigInput['store'];
  open(): Promise<Store>;
}

type PlaceOf = (t: Test, clock: FakeClock, directory: string) => Promise<Place>;

const times = { reservationTtlMs: 600_000, sessionTtlMs: 180_000, callTimeoutMs: 10_000 };

const embedded: PlaceOf = async (_, clock, directory) => ({
  config: { embedded: { path: 'store.db' } },
  open: () => openEmbeddedStore({ path: join(directory, 'store.db'), times, clock: () => Date.now() + clock.aheadMs }),
});

const onRedis: PlaceOf = async (t, { redisEnv }) => {
  const { url } = await startRedis(t, { env: redisEnv });
  return { config: { redis: { url } }, open: () => openRedisStore({ connection: { url }, times }) };
};

async function story(t: Test, placeOf: PlaceOf): Promise<void> {
  const sink = await startRelaySink(t);
  const directory = await mkdtemp(join(tmpdir(), 'sluice-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const clock = await fakeClock(directory);
  const place = await placeOf(t, clock, directory);
  const port = await freePort();
  const config: ConfigInput = {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    store: { ...place.config, callTimeout: '10s' },
    accounts: { list: { tester: { notices: { mail: ['desk@acme.example'] } } } },
    notices: { from: 'Abuse desk <abuse@provider.example>', every: '1s' },
    feedback: {
      listen: { address: '127.0.0.1:0' },
      reversePath: { domain: 'bounces.example', keys: ['the key of bounces, long'] },
      http: {
        address: `127.0.0.1:${port}`,
        oneClick: { url: 'https://unsubscribe.example', keys: [LINK_KEY] },
        evidence: { url: 'https://answer.example', keys: ['the key of cases, long enough'] },
      },
    },
  };
  const sluice = await startSluice(t, { config, directory, env: clock.env });
  const store = await place.open();
  t.teardown(() => store.close());
  const client = await openSession(sluice.port());
  const { end } = await sendMail(client, { from: 'news@acme.example', to: ['bob@example.net', 'carl@example.net'] });
  t.equal(end?.code, 250);
  await sink.nextMessage();
  await client.close();

  // A recipient revokes.
  const link = signLink(
    { account: 'tester', key: 'bob@example.net', list: null, stream: null, expiresAt: Date.now() + HOUR },
    LINK_KEY,
  );
  const post = (at: string, body: string, type: string) =>
    fetch(`http://127.0.0.1:${port}${at}`, {
      method: 'POST',
      body,
      headers: { 'content-type': type, connection: 'close' },
    });
  const form = 'application/x-www-form-urlencoded';
  t.equal((await post(`/u/${link}`, 'List-Unsubscribe=One-Click', form)).status, 200);
  const revocation = await nextNotice(t, sink);
  t.match(revocation, /bob@example\.net\s+revoked [\d-]+ [\d:]+ UTC \(one-click\), off your lists by /);

  // The desk asks for evidence, and gets it.
  const sampled = await ask(sluice, 'sample', 'tester', '--size', '2', '--since', '1d', '--seed', 'x');
  t.match(sampled, { told: true, audit: { sample: { outOf: 2 } } });
  const request = await nextNotice(t, sink);
  t.match(request, /bob@example\.net\s+carl@example\.net/);
  const [, answerPath = ''] = /https:\/\/answer\.example(\/e\/\S+)/.exec(request) ?? [];
  t.equal(sampled.answerUrl, `https://answer.example${answerPath}`);
  const csv = 'address,ip\nbob@example.net,192.0.2.7\ncarl@example.net,192.0.2.8\n';
  t.match(await (await post(answerPath, csv, 'text/csv')).json(), { state: 'answered', taken: 2 });
  t.match(await store.auditOf(sampled.audit.id), { state: 'answered' });

  // The complaint address is tested: a bounce is noted, an answering machine is nobody, a person is somebody.
  await store.registerDomain({
    ...{ account: 'tester', domain: 'acme.example', complaintAddress: 'abuse@acme.example', by: 'olga' },
    ...{ privacyPolicy: null, postalAddress: null },
  });
  const probed = await ask(sluice, 'probe', 'tester');
  const probe = await sink.nextMessage(NOTICE_WITHIN_MS);
  t.same(recipientsOf(probe), ['<abuse@acme.example>']);
  const [, replyTo = ''] = /^Reply-To: <?(\S+@bounces\.example)>?\r$/m.exec(probe.data.toString()) ?? [];
  t.equal(probe.mail, `<${replyTo}>`);
  const listening = await sluice.waitForLog('the listener', (line) => line.event === 'bounce-listener');
  const home = await openSession(Number(listening.port));
  const reply = (header: string) =>
    sendMail(home, {
      from: 'abuse@acme.example',
      to: [replyTo],
      data: `From: Ann <abuse@acme.example>\r\nSubject: Re: Test of your complaint address\r\n${header}\r\nYes, we read this.\r\n`,
    });
  t.equal((await sendMail(home, { from: '', to: [replyTo], data: BOUNCE })).end?.code, 250);
  t.match(await store.auditOf(probed.audit.id), {
    state: 'open',
    addresses: [{ answer: null, bounced: { note: /User unknown/ } }],
  });
  t.equal((await reply('Auto-Submitted: auto-replied\r\n')).end?.code, 250);
  t.match(await store.auditOf(probed.audit.id), { state: 'open' });
  t.equal((await reply('')).end?.code, 250);
  await home.close();
  t.match(await store.auditOf(probed.audit.id), {
    state: 'answered',
    addresses: [{ answer: { by: 'mail', note: /abuse@acme\.example: Re: Test/ } }],
  });

  // What nobody answers is missed when 72 hours are over; what was queued while we were away is told, once.
  await sluice.stop();
  const missed = await ask(sluice, 'request', 'tester', 'dora@example.net');
  t.match(missed, { told: true, audit: { state: 'open' } });
  await clock.set(73 * HOUR);
  t.match(await store.auditOf(missed.audit.id), { state: 'missed' });
  const { stdout } = await sluice.cli('account', 'show', 'tester', '--json');
  t.match(JSON.parse(stdout), { violations: [missed.audit.id] }, 'a miss is a violation, whoever looks');
  // By now another MTA takes the notices.
  const mta = await startRelaySink(t);
  const submission = { address: `127.0.0.1:${mta.port}` };
  const notices = { from: 'abuse@provider.example', every: '1s', reversePath: 'bounces@provider.example', submission };
  const again = await startSluice(t, { config: { ...config, notices }, directory, env: clock.env });
  const said = () => mta.messages.map(textOf).join('\n');
  await mta.until(() => said().includes('was not produced in time'), 'the miss', NOTICE_WITHIN_MS);
  await again.stop();
  t.match(mta.messages[0]?.mail, '<bounces@provider.example>');
  t.equal(said().match(/^Evidence of consent is requested\r$/gm)?.length, 1);
  t.match(said(), /dora@example\.net/);
  t.notMatch(said(), /bob@example\.net/, 'nothing is told twice');
}

const BOUNCE = [
  ...['From: MAILER-DAEMON@mx.acme.example', 'Subject: Undelivered', 'MIME-Version: 1.0'],
  ...['Content-Type: multipart/report; report-type=delivery-status; boundary="b"', '', '--b'],
  ...['Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.acme.example', ''],
  ...['Final-Recipient: rfc822; abuse@acme.example', 'Action: failed', 'Status: 5.1.1'],
  ...['Diagnostic-Code: smtp; 550 5.1.1 User unknown', '', '--b--', ''],
].join('\r\n');

t.setTimeout(300_000);
// Side by side: most of it is waiting.
t.jobs = 2;
t.test('an account is told, answers, and misses, on the embedded store', { buffered: true }, (t) => story(t, embedded));
t.test('the same on Redis', { buffered: true }, (t) => story(t, onRedis));
