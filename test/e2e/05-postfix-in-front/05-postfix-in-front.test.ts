/**
 * A customer's Postfix sends everything through Sluice: its SMTP client pipelines
 * a whole envelope, and understands what it is told. Postfix in front, another
 * behind, as deploy/postfix/ has them.
 */

import { readFile } from 'node:fs/promises';
import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const world = await startRelaySink(t);
const behind = await startPostfix(t, {
  listener: await readFile('deploy/postfix/behind-sluice.master.cf', 'utf8'),
  next: world.port,
  mainCf: { relay_domains: 'closed.example', relay_recipient_maps: 'inline:{known@closed.example=here}' },
});
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${behind.port}`], identity: 'xforward' },
    plans: { default: { rules: { 'volume.recipients': { limits: ['12/1h'] } } } },
    accounts: { ownDomains: ['example.com'] },
  },
});
const front = await startPostfix(t, { next: sluice.port() });

t.test('a whole envelope goes through in order', async (t) => {
  const to = Array.from({ length: 8 }, (_, number) => `to${number}@example.net`);
  const client = await openSession(front.port);
  t.match((await sendMail(client, { to, data: 'Subject: many\r\n\r\n..one dot, and\r\n.. two\r\n' })).end, {
    code: 250,
  });
  await client.close();
  const message = await world.nextMessage();
  t.strictSame(
    message.recipients.map(({ path }) => path).sort(),
    to.map((address) => `<${address}>`),
  );
  t.match(message.data.toString(), /\r\n\r\n\.one dot, and\r\n\. two\r\n$/, 'dots as they were');
  await front.waitForLog(/to=<to7@example\.net>.*dsn=2\.0\.0, status=sent \(250 2\.0\.0 Ok: queued as/);
  const line = await sluice.waitForLog('the transaction', ({ recipientCount }) => recipientCount === 8);
  t.match(line, { ending: 'accepted', verdict: 'pass' });
});

t.test('a suppressed recipient comes back to the sender at once, the others go', async (t) => {
  await sluice.cli('suppress', 'add', 'gone@example.net', '--reason', 'unsubscribed');
  const client = await openSession(front.port);
  const to = ['kept@example.net', 'gone@example.net'];
  t.match((await sendMail(client, { from: 'sender@example.com', to })).end, { code: 250 });
  await client.close();
  t.strictSame(
    (await world.nextMessage()).recipients.map(({ path }) => path),
    ['<kept@example.net>'],
  );
  await front.waitForLog(/to=<gone@example\.net>.*dsn=5\.7\.1, status=bounced .*\[recipient\.suppressed\]/);

  const bounce = await world.nextMessage();
  t.equal(bounce.mail, '<>');
  t.strictSame(
    bounce.recipients.map(({ path }) => path),
    ['<sender@example.com>'],
  );
  t.match(bounce.data.toString(), /Diagnostic-Code: smtp; 550 5\.7\.1 \[recipient\.suppressed\]/);
});

t.test('over the limit Postfix keeps the rest and tries again later', async (t) => {
  const to = Array.from({ length: 6 }, (_, number) => `more${number}@example.net`);
  const client = await openSession(front.port);
  t.match((await sendMail(client, { to })).end, { code: 250 });
  await client.close();
  const message = await world.nextMessage();
  // 12 less the 8 and the 1 before; bounces have limits of their own.
  t.equal(message.recipients.length, 3, 'as many as the limit had left');
  await front.waitForLog(/(?:[\s\S]*?dsn=4\.7\.0, status=deferred .*\[volume\.recipients\]){3}/);
  t.equal((await front.queue()).length, 1);
});

t.test('mail that Postfix behind refuses comes back with its own words', async (t) => {
  await sluice.writeConfig({
    relay: { hosts: [`127.0.0.1:${behind.port}`], identity: 'xforward' },
    accounts: { ownDomains: ['example.com'] },
  });
  sluice.signal('SIGHUP');
  await sluice.waitForLog('the reload', ({ msg }) => msg === 'config reloaded');
  const client = await openSession(front.port);
  t.match((await sendMail(client, { to: ['nobody@closed.example'] })).end, { code: 250 });
  await client.close();
  await front.waitForLog(
    /to=<nobody@closed\.example>.*status=bounced .* said: 550 5\.1\.1 <nobody@closed\.example>: .* User unknown/,
  );
});
