/** From the link in a mail to the refusal at RCPT: a person with a browser, a mail client, a link scanner. */

import t, { type Test } from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { Browser } from '../../support/browser.js';
import { openSession } from '../../support/mail.js';
import { freePort, startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const KEY = 'the key of links, long enough';

async function story(t: Test, store: ConfigInput['store'], browser: Browser): Promise<void> {
  const sink = await startRelaySink(t);
  const port = await freePort();
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      store: { ...store, callTimeout: '5s' },
      rules: { 'recipient.revoked': { grace: 'reject' } },
      feedback: {
        http: { address: `127.0.0.1:${port}`, oneClick: { url: 'https://unsubscribe.example', keys: [KEY] } },
      },
    },
  });
  const client = await openSession(sluice.port());
  await client.command('MAIL FROM:<a@example.com>');
  const rcpt = async (address: string): Promise<string> => {
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
  await client.command('RSET');
  await client.command('MAIL FROM:<a@example.com>');
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
  await client.close();
}

t.test('by one click', async (t) => {
  const browser = await Browser.start(t);
  await t.test('on the embedded store', (t) => story(t, {}, browser));
  await t.test('on Redis', async (t) => {
    const redis = await startRedis(t);
    await story(t, { redis: { url: redis.url } }, browser);
  });
});
