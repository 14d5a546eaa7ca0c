/**
 * Nineteen days of one dead address, with real parts: client, Sluice, Postfix as
 * docs/feedback.md has it, and the world behind it, which rejects at RCPT, at the
 * end of data, and by a bounce days later. Postfix bounces by mail to Sluice's
 * signed addresses and writes its log; all clocks are set forward by the test. What
 * is told four ways counts once, and the fourth mail is refused.
 */

import { createHmac } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parse } from 'yaml';
import type { ConfigInput } from '../../../src/config/schema.js';
import { type FakeClock, fakeClock } from '../../support/fake-clock.js';
import { freePort } from '../../support/free-port.js';
import { openSession, sendMail } from '../../support/mail.js';
import { type Postfix, startPostfix } from '../../support/postfix.js';
import { startRedis } from '../../support/redis.js';
import { type RelaySink, startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

t.setTimeout(300_000);

const DAY = 86_400_000;
const API_KEY = 'the key of the API, long enough';
const PASSWORD = 'the password of the webhook';
const OUTCOME_WITHIN_MS = 60_000;

/** Bounce and log are read side by side. An MX of this machine, as only the log shows it, is taken for the relay's own filter. */
const GIVEN_UP = {
  dsn: { reason: 'expired', fault: 'recipient' },
  'relay-log': { reason: 'infrastructure', fault: 'sender' },
};

interface World {
  readonly clock: FakeClock;
  readonly sink: RelaySink;
  readonly postfix: Postfix;
  readonly sluice: Sluice;
  readonly http: string;
}

/** Starts a store that lives by the test's clock. */
type StoreOf = (clock: FakeClock) => Promise<ConfigInput['store']>;

/** What the world behind Postfix does; the tests change it. */
interface Fates {
  /** Part of an address -> what its MX says at RCPT. */
  readonly rcpt: Map<string, string>;
  /** Part of an address -> what its MX says at the end of data. */
  readonly end: Map<string, string>;
}

/** The docs' own examples, with the test's ports. */
async function documented(bouncePort: number): Promise<{ feedback: ConfigInput['feedback']; mainCf: object }> {
  const page = await readFile(new URL('../../../docs/feedback.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /```yaml\n(feedback:\n {2}reversePath:\n[\s\S]*?)```/.exec(page) ?? [];
  const [, mainCf = ''] = /```\n# main\.cf\n(relay_domains[\s\S]*?)```/.exec(page) ?? [];
  const { feedback } = parse(yaml.replace('0.0.0.0:2526', `127.0.0.1:${bouncePort}`)) as ConfigInput;
  const lines = mainCf.trim().replace(':2526', `:${bouncePort}`).split('\n');
  return { feedback, mainCf: Object.fromEntries(lines.map((line) => line.split(/ = (.*)/).slice(0, 2))) };
}

async function start(t: Test, fates: Fates, storeOf: StoreOf): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-days-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  await chmod(folder, 0o755);
  const clock = await fakeClock(folder);
  const sink = await startRelaySink(t, script(fates));
  const [bouncePort, httpPort] = [await freePort(), await freePort()];
  const { feedback, mainCf } = await documented(bouncePort);
  const postfix = await startPostfix(t, {
    next: sink.port,
    mainCf: {
      ...mainCf,
      import_environment: environment(clock),
      smtpd_recipient_restrictions:
        'check_recipient_access inline:{ {nobody@example.net = 550 5.1.1 User unknown} }, permit',
    },
  });
  const sluice = await startSluice(t, {
    env: clock.env,
    config: {
      relay: { hosts: [`127.0.0.1:${postfix.port}`] },
      store: { ...(await storeOf(clock)), callTimeout: '5s' },
      feedback: {
        ...feedback,
        relayLog: { file: join(postfix.folder, 'log') },
        http: { address: `127.0.0.1:${httpPort}`, apiKeys: [API_KEY], webhooks: { ses: PASSWORD } },
      },
    },
  });
  await sluice.waitForLog('the follower', (line) => String(line.msg).startsWith('following'));
  return { clock, sink, postfix, sluice, http: `http://127.0.0.1:${httpPort}` };
}

/** Daemons that change their user share no memory for it. */
const ONE_PROCESS = { FAKETIME_DISABLE_SHM: '1' };

/** What master hands to its daemons, which then live by the test's clock. */
function environment({ env }: FakeClock): string {
  const usual = ['MAIL_CONFIG', 'MAIL_LOGTAG', 'LANG=C', 'POSTLOG_SERVICE', 'POSTLOG_HOSTNAME'];
  return [...usual, ...Object.entries({ ...env, ...ONE_PROCESS }).map(([name, value]) => `${name}=${value}`)].join(' ');
}

function script({ rcpt, end }: Fates): RelaySink['script'] {
  const latest = new Map<number, string>();
  const said = (fates: ReadonlyMap<string, string>, line: string) =>
    [...fates].find(([part]) => line.includes(part))?.[1];
  return {
    steps: {
      RCPT: ({ line, sessionId }) => {
        latest.set(sessionId, line);
        return said(rcpt, line);
      },
      END: ({ sessionId }) => said(end, latest.get(sessionId) ?? ''),
    },
  };
}

/** Sends one message, which Postfix takes; its transaction. */
async function send({ sluice }: World, id: string, ...to: string[]): Promise<Readonly<Record<string, unknown>>> {
  const client = await openSession(sluice.port());
  const data = `Message-ID: <${id}@example.com>\r\nSubject: news\r\n\r\nhello\r\n`;
  const sent = await sendMail(client, { to, data });
  if (sent.end?.code !== 250) throw new Error(`not taken: ${JSON.stringify(sent)}`);
  await client.close();
  const [, queueId = ''] = /queued as (\S+)$/.exec(sent.end.text) ?? [];
  return sluice.waitForLog(`transaction ${id}`, (line) => line.event === 'transaction' && line.queueId === queueId);
}

async function rcpt({ sluice }: World, address: string): Promise<string> {
  const client = await openSession(sluice.port());
  await client.command('MAIL FROM:<a@example.com>');
  const { code, text } = await client.command(`RCPT TO:<${address}>`);
  await client.close();
  return `${code} ${text}`;
}

/** Sets the clocks forward, when Postfix has nothing under way that would wonder. */
async function dayIs({ clock, postfix }: World, day: number): Promise<void> {
  await until('Postfix is idle', async () =>
    (await postfix.queue()).every(({ queue_name }) => queue_name === 'deferred') ? true : null,
  );
  await clock.set(day * DAY);
}

async function streak({ sluice }: World, address: string): Promise<number> {
  const { stdout } = await sluice.cli('rejections', address, '--json');
  return Number(/"count": ?(\d+)/.exec(stdout)?.[1] ?? 0);
}

const told = ({ sluice }: World, recipient: string, nth: number) =>
  until(
    `outcome ${nth} of ${recipient}`,
    async () => sluice.log.filter((line) => line.event === 'outcome' && line.recipient === recipient)[nth - 1] ?? null,
    OUTCOME_WITHIN_MS,
  );

/** Asks the API; the result of the one outcome. */
async function api({ http }: World, outcome: object): Promise<string> {
  const body = JSON.stringify({ outcomes: [outcome] });
  const at = Math.floor(Date.now() / 1000);
  const v1 = createHmac('sha256', API_KEY).update(`${at}.${body}`).digest('hex');
  const headers = { 'sluice-signature': `t=${at},v1=${v1}`, connection: 'close' };
  const response = await fetch(`${http}/v1/outcomes`, { method: 'POST', body, headers });
  const { results } = (await response.json()) as { results: { result: string }[] };
  return results[0]?.result ?? `${response.status}`;
}

/** As Amazon SES tells of a bounce; how many of its recipients were counted, known, unmatched. */
async function webhook({ http }: World, recipient: string, messageId: string): Promise<unknown> {
  const bounce = {
    bounceType: 'Permanent',
    bounceSubType: 'General',
    bouncedRecipients: [{ emailAddress: recipient, status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 User unknown' }],
  };
  const body = JSON.stringify({ notificationType: 'Bounce', bounce, mail: { commonHeaders: { messageId } } });
  const authorization = `Basic ${Buffer.from(`any:${PASSWORD}`).toString('base64')}`;
  const headers = { authorization, connection: 'close' };
  return (await fetch(`${http}/v1/webhooks/ses`, { method: 'POST', body, headers })).json();
}

function dsn(recipient: string, to: string): string {
  const parts = [
    ['Content-Type: text/plain', '', 'Your message could not be delivered.'],
    [
      ...['Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example.net', ''],
      ...[`Final-Recipient: rfc822; ${recipient}`, 'Action: failed', 'Status: 5.1.1'],
      'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
    ],
  ];
  return [
    ...['From: MAILER-DAEMON@mx.example.net', `To: ${to}`, 'Subject: Undelivered', 'MIME-Version: 1.0'],
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    ...parts.flatMap((part) => ['', '--b', ...part]),
    ...['', '--b--', ''],
  ].join('\r\n');
}

/** The address that bounces of the message which reached the sink go to. */
function reversePathOf({ sink }: World, recipient: string): string {
  const message = sink.messages.findLast(({ recipients }) => recipients.some(({ path }) => path === `<${recipient}>`));
  return /<(.*)>/.exec(message?.mail ?? '')?.[1] ?? '';
}

/** The MX of the recipient had taken the message, and sends it back: by Postfix, to where its reverse-path leads. */
async function bounceBack(world: World, recipient: string, to: string): Promise<void> {
  const mx = await openSession(world.postfix.port);
  const sent = await sendMail(mx, { from: '', to: [to], data: dsn(recipient, to) });
  if (sent.end?.code !== 250) throw new Error(`the bounce was not taken: ${JSON.stringify(sent)}`);
  await mx.close();
}

async function firstDay(t: Test, world: World, { rcpt: fates, end }: Fates): Promise<void> {
  const { postfix } = world;
  fates.set('dead@', '550 5.1.1 User unknown');
  fates.set('slow@', '450 4.2.0 Try again later');
  end.set('returned@', '550 5.1.1 User unknown');
  const { transaction, queueId } = await send(world, 'day-0', 'dead@example.net');
  t.match(await told(world, 'dead@example.net', 1), { kind: 'rejected', result: 'counted', transaction });
  await postfix.waitForLog(/to=<bounce\+\S+@bounces\.example\.net>.*status=sent \(250/, OUTCOME_WITHIN_MS);
  await until(
    'bounce and log are read',
    async () => {
      const { body } = await world.sluice.get('/metrics');
      const sources = body.match(/^sluice_reports_total\{.*\} 1$/gm) ?? [];
      return ['dsn', 'relay-log'].every((source) => sources.some((line) => line.includes(`"${source}"`))) ? true : null;
    },
    OUTCOME_WITHIN_MS,
  );
  const fact = {
    recipient: 'dead@example.net',
    kind: 'rejected',
    status: '5.1.1',
    diagnostic: '550 5.1.1 User unknown',
  };
  t.equal(await api(world, { ...fact, message: { queueId } }), 'known', 'told by DSN, log and API');
  t.same(await webhook(world, 'dead@example.net', '<day-0@example.com>'), { counted: 0, known: 1, unmatched: 0 });
  t.equal(await streak(world, 'dead@example.net'), 1, 'and counted once');

  const both = await send(world, 'both', 'slow@example.net', 'nobody@example.net');
  await postfix.waitForLog(/to=<slow@.*status=deferred/);
  const again = { ...fact, recipient: 'nobody@example.net', message: { transaction: both.transaction } };
  t.equal(await api(world, again), 'unmatched', 'it never passed');
  t.equal(await streak(world, 'nobody@example.net'), 1, "the relay's own reply in the session counts, once");

  await send(world, 'at-data', 'returned@example.net');
  t.match(await told(world, 'returned@example.net', 1), { kind: 'rejected', fault: 'recipient' }, 'at the end of data');

  await send(world, 'alive-0', 'alive-dead@example.net');
  await told(world, 'alive-dead@example.net', 1);

  await send(world, 'later', 'later@example.net');
  t.match(await told(world, 'later@example.net', 1), { kind: 'delivered', source: 'relay-log' });
}

async function story(t: Test, storeOf: StoreOf): Promise<void> {
  const fates: Fates = { rcpt: new Map(), end: new Map() };
  const world = await start(t, fates, storeOf);
  await firstDay(t, world, fates);

  await dayIs(world, 6);
  await world.postfix.flush();
  const givenUp = await told(world, 'slow@example.net', 1);
  t.match(givenUp, { kind: 'rejected', ...GIVEN_UP[givenUp.source as keyof typeof GIVEN_UP] }, 'after days of 450');
  await bounceBack(world, 'later@example.net', reversePathOf(world, 'later@example.net'));
  t.match(await told(world, 'later@example.net', 2), { kind: 'rejected', source: 'dsn' }, 'days after its delivery');

  await dayIs(world, 8);
  fates.rcpt.set('dead@', '450 4.2.1 busy');
  await send(world, 'day-8', 'dead@example.net');
  await world.postfix.waitForLog(/to=<dead@.*status=deferred/);
  t.equal(await streak(world, 'dead@example.net'), 1, "a relay's 250 does not end a streak");
  t.match(await rcpt(world, 'dead@example.net'), /^250 /);
  fates.rcpt.delete('dead@');
  fates.end.set('dead@', '550 5.1.1 User unknown');
  await world.postfix.flush();
  t.match(await told(world, 'dead@example.net', 2), { kind: 'rejected', fault: 'recipient' }, 'at the end of data');
  await send(world, 'alive-8', 'alive-dead@example.net');
  t.match(await told(world, 'alive-dead@example.net', 2), { kind: 'rejected' });

  await dayIs(world, 16);
  fates.end.clear();
  await send(world, 'day-16', 'dead@example.net');
  await send(world, 'alive-16', 'alive-dead@example.net');
  for (const recipient of ['dead@example.net', 'alive-dead@example.net']) {
    t.match(await told(world, recipient, 3), { kind: 'delivered' }, 'to the MX, which takes it');
    t.equal(await streak(world, recipient), 0, 'a delivery ends a streak');
  }

  await dayIs(world, 19);
  await bounceBack(world, 'dead@example.net', reversePathOf(world, 'dead@example.net'));
  t.match(
    await told(world, 'dead@example.net', 4),
    { kind: 'rejected', source: 'dsn' },
    'and sends it back days later',
  );
  t.match(
    await rcpt(world, 'dead@example.net'),
    /^550 5\.1\.1 \[recipient\.rejections\] <dead@example\.net> rejected mail 3 times in a row from 2\S+ to 2\S+/,
  );
  t.match(await rcpt(world, 'alive-dead@example.net'), /^250 /);
  t.same(
    world.sluice.log.filter((line) => line.event === 'outcome' && line.result !== 'counted' && line.source !== 'api'),
    [],
    'nothing was told that could not be placed',
  );
}

// Side by side: most of it is waiting.
t.jobs = 2;
t.test('on the embedded store', { buffered: true }, (t) => story(t, async () => ({})));

/** The store's clock is that of its server, which the test sets as it sets the others. */
t.test('on Redis', { buffered: true }, (t) =>
  story(t, async ({ redisEnv: env }) => ({ redis: { url: (await startRedis(t, { env })).url } })),
);
