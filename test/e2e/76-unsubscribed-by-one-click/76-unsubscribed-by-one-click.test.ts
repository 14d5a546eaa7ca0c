/** From the link in a mail to the refusal at RCPT: a person with a browser, a mail client, a link scanner; a Remove mail, a complaint; after a restart. */

import t, { type Test } from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { Browser } from '../../support/browser.js';
import { freePort } from '../../support/free-port.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

// A browser and three programs start here, beside everything else that a machine may do.
t.setTimeout(300_000);

const KEY = 'the key of links, long enough';

async function story(t: Test, store: ConfigInput['store'], browser: Browser): Promise<void> {
  const sink = await startRelaySink(t);
  const port = await freePort();
  const config: ConfigInput = {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    store: { ...store, callTimeout: '5s' },
    rules: { 'recipient.revoked': { grace: 'reject' } },
    feedback: {
      http: { address: `127.0.0.1:${port}`, oneClick: { url: 'https://unsubscribe.example', keys: [KEY] } },
    },
  };
  const sluice = await startSluice(t, { config });
  let client = await openSession(sluice.port());
  const rcpt = async (address: string): Promise<string> => {
    // Within a transaction an address is judged once.
    await client.command('RSET');
    await client.command('MAIL FROM:<a@example.com>');
    const { code, text } = await client.command(`RCPT TO:<${address}>`);
    return `${code} ${text}`;
  };
  const linkOf = async (address: string): Promise<string> => {
    const { stdout, stderr } = await sluice.cli('feedback', 'link', address, '--account', 'tester');
    const [, url = ''] = /^List-Unsubscribe: <https:\/\/unsubscribe\.example(\/u\/\S+)>\n/.exec(stdout) ?? [];
    t.match(stdout, /\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\n$/, stderr);
    return `http://127.0.0.1:${port}${url}`;
  };

  const ofAnn = await linkOf('ann@example.net');
  t.equal((await fetch(ofAnn, { headers: { connection: 'close' } })).status, 200);
  t.match(await rcpt('ann@example.net'), /^250 /, 'a scanner followed the link, and nothing changed');
  const page = await browser.open(ofAnn);
  t.match(await page.text(/Unsubscribe/), /No more mail of tester to ann@example\.net\?/);
  await page.press();
  t.match(await page.text(/Unsubscribed/), /ann@example\.net gets no more mail of tester/);
  t.match(await rcpt('ann@example.net'), /^550 5\.7\.1 \[recipient\.revoked\] /, 'a person pressed the button');

  const ofBob = await linkOf('bob@example.net');
  const posted = await fetch(ofBob, {
    method: 'POST',
    body: 'List-Unsubscribe=One-Click',
    headers: { 'content-type': 'application/x-www-form-urlencoded', connection: 'close' },
  });
  t.equal(posted.status, 200);
  t.match(await rcpt('bob@example.net'), /^550 5\.7\.1 \[recipient\.revoked\] /, 'a mail client did');
  await sluice.waitForLog('the outcome', (line) => line.event === 'outcome' && line.recipient === 'bob@example.net');

  const forged = await fetch(`${ofBob.slice(0, -3)}AAA`, { method: 'POST', headers: { connection: 'close' } });
  t.equal(forged.status, 404);
  const refused = await sluice.waitForLog('the refusal', (line) => line.event === 'feedback-refused');
  t.equal(refused.request, '404 POST /u/…', 'the log does not tell the token');
  t.match(await rcpt('carl@example.net'), /^250 /);

  await client.command('RSET');
  const data = 'Message-ID: <m1@example.com>\r\nSubject: news\r\n\r\nhello\r\n';
  t.equal((await sendMail(client, { to: ['dora@example.net', 'eve@example.net'], data })).end?.code, 250);
  for (const [mail, address, rule] of [
    [REMOVE, 'dora@example.net', 'recipient.revoked'],
    [COMPLAINT, 'eve@example.net', 'recipient.suppressed'],
  ] as const) {
    t.match(await rcpt(address), /^250 /);
    await sluice.cliReading(mail.replace('$WHO', address), 'feedback', 'dsn');
    t.match(await rcpt(address), new RegExp(`^550 5\\.7\\.1 \\[${rule}\\]`), 'at the next RCPT');
  }
  await client.close();

  await sluice.stop();
  const again = await startSluice(t, { config, directory: sluice.directory });
  client = await openSession(again.port());
  for (const name of ['ann', 'bob', 'dora', 'eve'])
    t.match(await rcpt(`${name}@example.net`), /^550 /, 'after a restart');
  t.match(await rcpt('carl@example.net'), /^250 /);
  await client.close();
}

const REMOVE = 'From: <$WHO>\r\nSubject: Remove\r\nIn-Reply-To: <m1@example.com>\r\n\r\n';

const COMPLAINT = [
  ...['From: complaints@provider.example', 'Subject: FW: news', 'MIME-Version: 1.0'],
  ...['Content-Type: multipart/report; report-type=feedback-report; boundary="b"', '', '--b'],
  ...['Content-Type: message/feedback-report', '', 'Feedback-Type: abuse', 'User-Agent: Provider/1.0', 'Version: 1'],
  ...['Original-Rcpt-To: <$WHO>', '', '--b', 'Content-Type: message/rfc822', ''],
  ...['Message-ID: <m1@example.com>', 'Subject: news', '', 'hello', '--b--', ''],
].join('\r\n');

/** The program adds the links itself; whoever follows one leaves that list and no other. */
async function listByList(t: Test, browser: Browser): Promise<void> {
  const sink = await startRelaySink(t);
  const port = await freePort();
  const oneClick = { url: 'https://unsubscribe.example', keys: [KEY], addToBulk: true };
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      rules: {
        'recipient.revoked': { grace: 'reject', scope: 'list' },
        'message.unsubscribe': { mode: 'enforce' },
      },
      feedback: {
        http: { address: `127.0.0.1:${port}`, oneClick, doubleOptIn: { url: 'https://join.example', keys: [KEY] } },
      },
    },
  });
  const client = await openSession(sluice.port());
  const send = async (fields: string, ...to: string[]): Promise<string> => {
    const data = `From: news@acme.example\r\nSubject: news\r\n${fields}\r\nhello\r\n`;
    const { end } = await sendMail(client, { to: to.length === 0 ? ['ann@example.net'] : to, data });
    return `${end?.code} ${end?.text}`;
  };
  const news = 'List-Id: Our news <News.acme.example>\r\n';

  t.match(await send(news), /^250 /, 'the rule sees what the recipient will');
  const message = (await sink.nextMessage()).data.toString();
  const [, path = ''] = /\r\nList-Unsubscribe: <https:\/\/unsubscribe\.example(\/u\/\S+)>\r\n/.exec(message) ?? [];
  t.match(message, /^Received: [\s\S]*\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nFrom: news@/);
  t.match(
    await send(news, 'a@example.net', 'b@example.net'),
    /^554 .*\[message\.unsubscribe\]/,
    'one link is of one recipient',
  );
  t.match(
    await send(`${news}DKIM-Signature: v=1; b=x\r\n`),
    /^554 .*\[message\.unsubscribe\]/,
    'nothing is added to signed mail',
  );

  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body: 'List-Unsubscribe=One-Click',
    headers: { 'content-type': 'application/x-www-form-urlencoded', connection: 'close' },
  });
  t.match(await response.text(), /ann@example\.net<\/b> gets no more mail of <b>news\.acme\.example<\/b>/);
  t.match(await send(news), /^554 5\.7\.1 \[recipient\.revoked\] <ann@example\.net> revoked consent/);
  t.match(await send('List-Id: <deals.acme.example>\r\n'), /^250 /, 'another list');
  t.match(await send('Precedence: bulk\r\n'), /^554 5\.7\.1 \[recipient\.revoked\]/, 'bulk mail that names no list');
  t.match(await send(''), /^250 /, 'an invoice');

  const { stdout } = await sluice.cli('consent', 'invite', 'ann@example.net', '--account', 'tester');
  const [, invitation = ''] = /^ann@example\.net https:\/\/join\.example(\/c\/\S+)\n$/.exec(stdout) ?? [];
  const page = await browser.open(`http://127.0.0.1:${port}${invitation}`);
  t.match(await page.text(/confirm/i), /I agree to get e-mail from tester\./);
  t.match(await send(news), /^554 /, 'a link scanner may look at it');
  await page.press();
  await page.text(/This is recorded for ann@example\.net/);
  t.match(await send(news), /^250 /, 'a new consent, with evidence, lifts the revocation');
  const shown = await sluice.cli('consent', 'show', 'ann@example.net', '--account', 'tester', '--json');
  t.match(JSON.parse(shown.stdout), {
    source: 'double-opt-in',
    evidence: { ip: '127.0.0.1', url: `https://join.example${invitation}`, text: /^I agree to get e-mail from tester/ },
  });
  await client.close();
}

/** Campaigns come and go, their stream stays: left by link or by a Remove mail, it is left for the next ones too. */
async function streamByStream(t: Test): Promise<void> {
  const sink = await startRelaySink(t);
  const port = await freePort();
  const oneClick = { url: 'https://unsubscribe.example', keys: [KEY], addToBulk: true };
  const configWith = (stream: string): ConfigInput => ({
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    rules: {
      'recipient.revoked': {
        grace: 'reject',
        scope: 'stream',
        streams: [{ name: stream, from: 'letters@acme.example' }],
      },
    },
    feedback: { http: { address: `127.0.0.1:${port}`, oneClick } },
  });
  const sluice = await startSluice(t, { config: configWith('letters') });
  const client = await openSession(sluice.port());
  const send = async (fields: string, to: string): Promise<string> => {
    const { recipients, end } = await sendMail(client, { to: [to], data: `Subject: spring\r\n${fields}\r\nhello\r\n` });
    const reply = end ?? recipients[0];
    return `${reply?.code} ${reply?.text}`;
  };
  const campaign = (id: string, kind: string) => `From: a@acme.example\r\nFeedback-ID: ${id}:c:${kind}:acme\r\n`;
  const letter = 'From: letters@acme.example\r\nPrecedence: bulk\r\n';

  t.match(await send(campaign('17', 'offers'), 'ann@example.net'), /^250 /);
  const message = (await sink.nextMessage()).data.toString();
  const [, path = ''] = /\r\nList-Unsubscribe: <https:\/\/unsubscribe\.example(\/u\/\S+)>\r\n/.exec(message) ?? [];
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    body: 'List-Unsubscribe=One-Click',
    headers: { 'content-type': 'application/x-www-form-urlencoded', connection: 'close' },
  });
  t.match(await response.text(), /ann@example\.net<\/b> gets no more mail of <b>feedback-id:offers:acme<\/b>/);
  t.match(
    await send(campaign('18', 'offers'), 'ann@example.net'),
    /^554 5\.7\.1 \[recipient\.revoked\]/,
    'the next one',
  );
  t.match(await send(campaign('18', 'news'), 'ann@example.net'), /^250 /, 'another stream');
  t.match(await send(letter, 'ann@example.net'), /^250 /, 'and one that is declared');
  t.match(await send('Precedence: bulk\r\n', 'ann@example.net'), /^554 /, 'bulk mail of no known stream');
  t.match(await send('From: a@acme.example\r\n', 'ann@example.net'), /^250 /, 'an invoice');

  const remove = async (id: string) => {
    const mail = `From: bob@example.net\r\nSubject: Remove\r\nIn-Reply-To: <${id}@acme.example>\r\n\r\n`;
    const { stdout } = await sluice.cliReading(mail, 'feedback', 'dsn', '--json');
    t.match(JSON.parse(stdout), { counted: 1 });
  };
  t.match(await send(`${letter}Message-ID: <l1@acme.example>\r\n`, 'bob@example.net'), /^250 /);
  await remove('l1');
  t.match(await send(letter, 'bob@example.net'), /^554 5\.7\.1 \[recipient\.revoked\]/);
  t.match(await send(campaign('19', 'offers'), 'bob@example.net'), /^250 /);
  await sluice.writeConfig(configWith('notes'));
  sluice.signal('SIGHUP');
  await sluice.waitForLog('the reload', ({ msg }) => msg === 'config reloaded');
  t.match(await send(letter, 'bob@example.net'), /^554 /, 'what was left under a name that is gone is left');
  const unknown = 'Feedback-ID: 1:AmazonSES\r\nMessage-ID: <u1@acme.example>\r\n';
  t.match(await send(unknown, 'bob@example.net'), /^554 /, 'bulk mail of no known stream may be the one that was left');
  await sluice.cli('revoke', 'bob@example.net', '--account', 'tester', '--lift');
  t.match(await send(unknown, 'bob@example.net'), /^250 /);
  await remove('u1');
  t.match(await send(campaign('19', 'offers'), 'bob@example.net'), /^550 5\.7\.1 \[recipient\.revoked\]/, 'all of it');
  await client.close();
}

t.test('by one click', async (t) => {
  const browser = await Browser.start(t);
  // Two side by side: most of it is waiting.
  t.jobs = 2;
  const buffered = { buffered: true };
  await Promise.all([
    t.test('on the embedded store', buffered, (t) => story(t, { embedded: { path: 'store.db' } }, browser)),
    t.test('on Redis', buffered, async (t) => {
      const redis = await startRedis(t);
      await story(t, { redis: { url: redis.url } }, browser);
    }),
    t.test('list by list, and joined again by a confirmed consent', buffered, (t) => listByList(t, browser)),
    t.test('stream by stream', buffered, streamByStream),
  ]);
});
