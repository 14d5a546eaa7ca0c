/** The relay's log in systemd's journal, and bounces in an mbox: followed while they grow, and across a killed process. */

import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { TestJournal } from '../../support/journal.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';

t.setTimeout(300_000);

const UNIT = 'postfix@-.service';
const WITHIN_MS = 60_000;

function bounce(recipient: string, messageId: string): string {
  return [
    'From MAILER-DAEMON Thu Nov 26 12:00:00 2026',
    'From: MAILER-DAEMON@mx.example.net',
    'Subject: Undelivered',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    ...['', '--b', 'Content-Type: text/plain', '', 'From here on nobody was found.'],
    ...['', '--b', 'Content-Type: message/delivery-status', '', 'Reporting-MTA: dns; mx.example.net', ''],
    ...[`Final-Recipient: rfc822; ${recipient}`, 'Action: failed', 'Status: 5.1.1'],
    'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
    ...['', '--b', 'Content-Type: text/rfc822-headers', '', `Message-ID: ${messageId}`, '', '--b--', '', ''],
  ].join('\n');
}

const told = (sluice: Sluice, recipient: string) =>
  sluice.waitForLog(
    `outcome of ${recipient}`,
    (line) => line.event === 'outcome' && line.recipient === recipient,
    WITHIN_MS,
  );

t.test('read on where they were left', async (t) => {
  const journal = await TestJournal.start(t);
  const sink = await startRelaySink(t);
  const config = (mbox: string): ConfigInput => ({
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    store: { callTimeout: '5s' },
    feedback: { relayLog: { journal: [UNIT] }, mail: { mbox } },
  });
  const folder = t.testdir({ mbox: '' });
  const mbox = join(folder, 'mbox');
  let sluice = await startSluice(t, { config: config(mbox), env: journal.env });
  const { directory } = sluice;
  /** One message, of that queue id. */
  const send = async (queueId: string, recipient: string): Promise<void> => {
    sink.script = { steps: { END: `250 2.0.0 Ok: queued as ${queueId}` } };
    const client = await openSession(sluice.port());
    const data = `Message-ID: <${queueId}@acme.example>\r\n\r\nhello\r\n`;
    if ((await sendMail(client, { to: [recipient], data })).end?.code !== 250) throw new Error('not taken');
    await client.close();
    await sluice.waitForLog(queueId, (line) => line.event === 'transaction' && line.queueId === queueId);
  };
  const says = (queueId: string, recipient: string, unit = UNIT): void => {
    const reply = 'host mx[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command)';
    const delivery = `to=<${recipient}>, relay=mx[192.0.2.1]:25, delay=1, dsn=5.1.1, status=bounced (${reply})`;
    journal.write(unit, 'postfix/smtp', `${queueId}: ${delivery}`);
  };
  const following = (line: Readonly<Record<string, unknown>>) => String(line.msg).startsWith('following');

  await sluice.waitForLog('following', following, WITHIN_MS);
  await send('AAAAAAAA01', 'quiet@example.net');
  await send('AAAAAAAA02', 'first@example.net');
  await send('AAAAAAAA03', 'other@example.net');
  says('AAAAAAAA03', 'other@example.net', 'other.service');
  says('AAAAAAAA02', 'first@example.net');
  t.match(await told(sluice, 'first@example.net'), { source: 'relay-log', result: 'counted', kind: 'rejected' });

  await send('AAAAAAAA04', 'boxed@example.net');
  await send('AAAAAAAA05', 'second@example.net');
  await appendFile(mbox, bounce('boxed@example.net', '<AAAAAAAA04@acme.example>'));
  t.match(await told(sluice, 'boxed@example.net'), { source: 'dsn', result: 'counted', kind: 'rejected' });

  await sluice.kill();
  journal.reboot();
  says('AAAAAAAA01', 'quiet@example.net');
  says('AAAAAAAA07', 'nobody@example.net');
  await appendFile(mbox, bounce('second@example.net', '<AAAAAAAA05@acme.example>'));
  sluice = await startSluice(t, { config: config(mbox), env: journal.env, directory });
  t.match(
    await told(sluice, 'quiet@example.net'),
    { source: 'relay-log' },
    'written while nobody read, after another boot',
  );
  t.match(await told(sluice, 'second@example.net'), { source: 'dsn' });

  await send('AAAAAAAA06', 'emptied@example.net');
  await writeFile(mbox, bounce('emptied@example.net', '<AAAAAAAA06@acme.example>'));
  t.match(await told(sluice, 'emptied@example.net'), { source: 'dsn' }, 'emptied and begun anew');

  const { stdout } = await sluice.cli('outcome', 'list', '--json');
  const outcomes = (JSON.parse(stdout) as { outcomes: { key: string }[] }).outcomes.map(({ key }) => key).sort();
  t.same(
    outcomes,
    ['boxed', 'emptied', 'first', 'quiet', 'second'].map((name) => `${name}@example.net`),
    'each once, and nothing of another unit',
  );
});
