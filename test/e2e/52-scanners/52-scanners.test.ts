/** A real clamd and a real rspamd behind the program: viruses and spam are refused, and a scanner that is gone defers. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { EICAR, startClamd } from '../../support/clamd.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { GTUBE, startRspamd } from '../../support/rspamd.js';
import { startSluice } from '../../support/sluice.js';

const sink = await startRelaySink(t);
const [clamd, rspamd] = await Promise.all([startClamd(t), startRspamd(t)]);
const directory = t.testdir({ 'patterns.txt': 'list-sale text (?i)\\bsell\\b.{0,40}\\bemail lists?\\b\n' });
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: { unknown: 'acme' },
    scanners: {
      clamd: { address: `unix:${clamd.socket}`, timeout: '60s' },
      rspamd: { url: rspamd.url, timeout: '60s' },
      patterns: [join(directory, 'patterns.txt')],
    },
    rules: { 'message.content': { mode: 'enforce' } },
  },
});

const HEADER = `From: a@acme.example\r\nTo: b@example.net\r\nSubject: x\r\nMessage-ID: <1@acme.example>\r\nDate: ${new Date().toUTCString().replace('GMT', '+0000')}\r\n`;

async function heard(body: string): Promise<string> {
  const client = await openSession(sluice.port());
  const { end } = await sendMail(client, {
    from: 'a@acme.example',
    to: ['b@example.net'],
    data: `${HEADER}\r\n${body}\r\n`,
  });
  await client.close();
  return `${end?.code} ${end?.text}`;
}

t.test('what the scanners say is what the client hears', async (t) => {
  t.match(await heard('hello'), /^250 /);
  t.match(await heard(EICAR), /^554 5\.7\.1 \[message\.content\] The message has the virus Eicar-Signature/);
  t.match(await heard(GTUBE), /^554 5\.7\.1 \[message\.content\] The message looks like spam \(score 15\)/);
  t.match(await heard('We sell the best Email Lists'), /^554 5\.7\.1 \[message\.content\] .*\(list-sale\)/);
  t.match(
    await heard(`${'All work and no play.\r\n'.repeat(30_000)}${EICAR}`),
    /^554 5\.7\.1 .*Eicar/,
    'at the end of a long one',
  );
  t.equal(sink.messages.length, 1);
});

t.test('a scanner that is gone defers, and never rejects', async (t) => {
  await clamd.stop();
  t.match(await heard('hello'), /^451 4\.7\.0 \[message\.content\] The message cannot be scanned/);
});

t.test('a pattern that is none is an error of the config, with its line', async (t) => {
  await writeFile(join(directory, 'patterns.txt'), '# a comment\nbroken text (\n');
  const { code, stderr, stdout } = await sluice.cli('check-config');
  t.equal(code, 3);
  t.match(`${stdout}${stderr}`, /patterns\.txt:2/);
});
