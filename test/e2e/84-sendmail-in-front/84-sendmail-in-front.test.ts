/** A Sendmail that stays in front asks Sluice, over TCP and a unix socket: what its clients hear, and what comes back. */

import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { freePort } from '../../support/free-port.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSendmail } from '../../support/sendmail.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

// Several programs are started, on machines that may be busy; Sendmail alone may wait for its name for minutes.
t.setTimeout(300_000);
const world = await startRelaySink(t);
const port = await freePort();
const sockets = await mkdtemp(join(tmpdir(), 'sluice-84-'));
t.teardown(() => rm(sockets, { recursive: true, force: true }));
const config: ConfigInput = {
  listen: [],
  milter: {
    listen: [
      { name: 'tcp', address: `127.0.0.1:${port}` },
      { name: 'local', address: `unix:${sockets}/milter.sock` },
    ],
    traceField: 'X-Sluice-Id',
  },
  store: { embedded: { path: 'sluice.db' } },
  accounts: {
    identify: [{ mta: { accounts: { anna: 'acme' } } }, { daemon: { partners: 'partners' } }],
    list: { acme: { senders: ['acme.example'] }, partners: {} },
  },
  rules: {
    'volume.recipients': { limits: ['5/1h'] },
    'volume.recipients-per-message': { limit: 4 },
    'volume.bytes': { limits: ['2MiB/1h'] },
  },
};
const sluice = await startSluice(t, { config });
/** The line that deploy/ has, with the socket of this test; a second daemon asks over TCP. */
const deployed = (await readFile('deploy/sendmail/milter.mc', 'utf8')).replace('/run/sluice', sockets);
const overTcp = `MAIL_FILTER(\`tcp', \`S=inet:${port}@127.0.0.1, F=T, T=C:5s;S:10s;R:10s;E:1m')dnl\n`;
const sendmail = await startSendmail(t, {
  mc: `${deployed}${overTcp}`,
  daemons: { MSA: '', partners: 'InputMailFilters=tcp' },
  next: world.port,
  user: 'anna',
});

const saidTo = (reply: { readonly code: number; readonly text: string } | null | undefined) =>
  `${reply?.code} ${reply?.text}`;

async function held(account: string): Promise<number> {
  const { stdout } = await sluice.cli('usage', account, '--json');
  return Number(/"rule":"volume\.recipients".*?"used":(\d+)/s.exec(stdout.replace(/\s/g, ''))?.[1]);
}

t.test('who logged in is the account, and the decision has the queue id', async (t) => {
  const client = await openSession(sendmail.port('MSA'));
  const login = Buffer.from('\0anna\0any').toString('base64');
  t.match(await client.command(`AUTH PLAIN ${login}`), { code: 235 });
  const data = `Subject: large\r\nX-Sluice-Id: forged\r\n\r\n${`${'x'.repeat(78)}\r\n`.repeat(13_000)}`;
  const sent = await sendMail(client, { from: 'x@acme.example', to: ['a@example.net'], data });
  t.match(sent.end, { code: 250 });
  const [, id] = /^2\.0\.0 (\w+) Message accepted/.exec(sent.end?.text ?? '') ?? [];
  const line = await sluice.waitForLog('the transaction', ({ queueId }) => queueId === id);
  t.match(line, { ending: 'passed', by: 'sluice', account: 'acme', username: 'anna', listener: 'local' });
  t.equal(line.size, data.length);
  const message = String((await world.nextMessage()).data);
  t.match(message, new RegExp(`^X-Sluice-Id: ${line.transaction}\r\n`));
  t.notMatch(message, /forged/);

  const forged = await sendMail(client, { from: 'x@other.example', to: ['a@example.net'] });
  t.match(saidTo(forged.mail), /^550 5\.7\.1 .*\[account\.sender\] .*<x@other\.example>.* ref=/, 'heard at MAIL');
  const larger = await sendMail(client, { from: 'x@acme.example', to: ['a@example.net'], data: data + data });
  t.match(saidTo(larger.end), /^(451 4|552 5)\.7\.0 \[volume\.bytes\] .* ref=/);
  await client.close();
});

t.test('recipients have fates of their own, and another daemon is another account', async (t) => {
  await sluice.cli('suppress', 'add', 'gone%s@example.net', '--reason', 'unsubscribed');
  const client = await openSession(sendmail.port('partners'));
  const to = ['a', 'gone%s', 'b', 'c', 'd', 'e'].map((local) => `${local}@example.net`);
  const sent = await sendMail(client, { to });
  t.strictSame(
    sent.recipients.map(({ code }) => code),
    [250, 550, 250, 250, 250, 452],
  );
  t.match(
    sent.recipients[1]?.text,
    /^5\.7\.1 <gone%s@example\.net>\.\.\. \[recipient\.suppressed\] <gone%s@example\.net>.* ref=/,
    'Sendmail puts the recipient before our words',
  );
  t.match(sent.recipients[5]?.text, /^4\.5\.3 \[volume\.recipients-per-message\] .* ref=/);
  t.match(sent.end, { code: 250 });
  t.equal((await world.nextMessage()).recipients.length, 4);
  t.match(await sluice.waitForLog('partners', ({ account }) => account === 'partners'), { listener: 'tcp' });
  t.equal(await held('partners'), 4);
  // One is left: it is held, and given back by a reset, for the next to have.
  await client.command('MAIL FROM:<a@example.com>');
  t.match(await client.command('RCPT TO:<f@example.net>'), { code: 250 });
  t.match(
    saidTo(await client.command('RCPT TO:<g@example.net>')),
    /^450 4\.7\.0 <g@example\.net>\.\.\. \[volume\.recipients\] /,
  );
  t.equal(await held('partners'), 5);
  t.match(await client.command('RSET'), { code: 250 });
  // The client is still there.
  await until('what was held comes back', async () => ((await held('partners')) === 4 ? true : null));
  t.match((await sendMail(client, { to: ['f@example.net'] })).end, { code: 250 });
  await world.nextMessage();
  await client.close();
});

t.test('a refused message can be kept by Sendmail', async (t) => {
  await sluice.writeConfig({ ...config, milter: { ...config.milter, refusedMessages: 'quarantine' } });
  sluice.signal('SIGHUP');
  await sluice.waitForLog('the reload', ({ msg }) => msg === 'config reloaded');
  const client = await openSession(sendmail.port('MSA'));
  const sent = await sendMail(client, { to: ['a@example.net'], data: `Subject: x\r\n\r\n${'y\r\n'.repeat(800_000)}` });
  t.match(sent.end, { code: 250 });
  const kept = await sluice.waitForLog('what is kept', ({ ending }) => ending === 'quarantined');
  t.match(kept.reply, /^552 5\.7\.0 \[volume\.bytes\]/);
  t.strictSame(await sendmail.quarantined(), [kept.queueId]);
  await client.close();
});

t.test('while Sluice is away clients are deferred, and those who come after it came back pass', async (t) => {
  const there = await openSession(sendmail.port('MSA'));
  await sluice.stop();
  const away = await openSession(sendmail.port('partners'));
  for (const client of [there, away]) {
    t.match(saidTo((await sendMail(client, { to: ['a@example.net'] })).mail), /^451 4\.3\.2 /);
    await client.close();
  }
  await startSluice(t, { config, directory: sluice.directory });
  const back = await openSession(sendmail.port('MSA'));
  t.match((await sendMail(back, { to: ['back@example.net'] })).end, { code: 250 });
  t.match((await world.nextMessage()).recipients, [{ path: '<back@example.net>' }]);
  await back.close();
});
