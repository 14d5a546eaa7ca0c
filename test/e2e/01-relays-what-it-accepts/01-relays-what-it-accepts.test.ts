/** Client → Sluice → Postfix → sink: what the client sent is what arrives, and the client hears Postfix's own words. */

import { readFile } from 'node:fs/promises';
import t from 'tap';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { connectSmtp } from '../../support/smtp-client.js';

t.test('a mail goes through Sluice and Postfix to its destination', async (t) => {
  const world = await startRelaySink(t);
  const listener = await readFile('deploy/postfix/behind-sluice.master.cf', 'utf8');
  const postfix = await startPostfix(t, { listener, next: world.port });
  const sluice = await startSluice(t, {
    config: { relay: { hosts: [`127.0.0.1:${postfix.port}`], identity: 'xforward' } },
  });

  const client = await connectSmtp({ port: sluice.port() });
  t.match(await client.read(), { code: 220, text: /^sluice\.example ESMTP/ });
  t.match(await client.command('EHLO client.example'), { code: 250, text: /8BITMIME/ });
  t.match(await client.command('MAIL FROM:<a@example.com>'), { code: 250 });
  t.match(await client.command('RCPT TO:<b@example.net>'), { code: 250, text: /^2\.1\.5 Ok/ });
  t.match(await client.command('DATA'), { code: 354 });
  const accepted = await client.command('Subject: hello\r\n\r\nfrom end to end\r\n.');
  t.match(accepted, { code: 250, text: /^2\.0\.0 Ok: queued as [0-9A-F]{6,}$/ }, "Postfix's own words");
  t.match(await client.command('QUIT'), { code: 221 });
  await client.closed;

  const message = await world.nextMessage();
  t.equal(message.mail, '<a@example.com>');
  t.match(message.data.toString(), /\r\n\r\nfrom end to end\r\n$/);
  t.match(message.data.toString(), /^Received: from client\.example/m, 'our trace field');

  const queueId = accepted.text.slice(accepted.text.lastIndexOf(' ') + 1);
  const line = await sluice.waitForLog('the transaction', (record) => record.event === 'transaction');
  t.match(line, { account: 'tester', verdict: 'pass', ending: 'accepted', queueId, by: 'relay' });
  await postfix.waitForLog(new RegExp(`postfix/from-sluice/smtpd.*${queueId}: client=.*127\\.0\\.0\\.1`));
});
