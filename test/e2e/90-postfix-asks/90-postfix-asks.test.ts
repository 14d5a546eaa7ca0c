/** A Postfix that stays in front asks what to do: the clients hear our words from it, and limits hold to the message. */

import { readFile } from 'node:fs/promises';
import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const sink = await startRelaySink(t);

const config: ConfigInput = {
  listen: [],
  policyd: { listen: [{ name: 'postfix', address: '127.0.0.1:0' }], traceField: 'X-Sluice-Id' },
  accounts: {
    identify: [
      { address: { '127.0.0.2': 'suspended', '127.0.0.3': 'few', '127.0.0.4': 'crowd', '127.0.0.5': 'bytes' } },
    ],
    unknown: 'tester',
    list: {
      few: { rules: { 'volume.recipients': { limits: ['5/1h'] } } },
      crowd: { rules: { 'volume.messages': { limits: ['20/1h'] } } },
      bytes: { rules: { 'volume.bytes': { limits: ['10KiB/1h'] } } },
    },
  },
  rules: { 'volume.recipients-per-message': { limit: 4 }, 'volume.connections': { mode: 'off' } },
};

const sluice = await startSluice(t, { config });
/** The very lines that deploy/ has, but for the port. */
const lines = (await readFile('deploy/postfix/policyd.main.cf', 'utf8')).replaceAll(':10040', `:${sluice.port()}`);
const postfix = await startPostfix(t, {
  next: sink.port,
  mainCf: {
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    ...Object.fromEntries([...lines.matchAll(/^(\w+) = (.*)$/gm)].map(([, name, value]) => [name, value])),
  },
});

const from = (localAddress: string) => openSession(postfix.port, { localAddress });

t.test(
  'what passes is queued, and the decision has its queue id, its size and the reference in its header',
  async (t) => {
    const client = await from('127.0.0.1');
    const { recipients, end } = await sendMail(client, { to: ['b@example.net', 'c@example.net'] });
    t.strictSame(
      recipients.map(({ code }) => code),
      [250, 250],
    );
    t.match(end, { code: 250, text: /^2\.0\.0 Ok: queued as / });
    const queueId = /queued as (\w+)/.exec(end?.text ?? '')?.[1];
    const line = await sluice.waitForLog('the transaction', ({ ending }) => ending === 'passed');
    t.match(line, { queueId, account: 'tester', recipientCount: 2, reversePath: 'a@example.com', client: '127.0.0.1' });
    await sink.until(() => sink.messages.length > 0, 'the message');
    t.match(sink.messages[0]?.data.toString(), new RegExp(`^X-Sluice-Id: ${String(line.transaction)}$`, 'm'));
    t.equal(sink.messages[0]?.data.toString().match(/X-Sluice-Id/g)?.length, 1, 'once, however many recipients');
    await client.close();
  },
);

t.test('a suspended account', async (t) => {
  await sluice.cli('account', 'suspend', 'suspended', '--reason', 'test');
  const client = await from('127.0.0.2');
  const { recipients } = await sendMail(client, { to: ['b@example.net'] });
  t.match(recipients[0], {
    code: 550,
    text: /^5\.7\.13 <b@example\.net>: Recipient address rejected: \[account\.standing\] This account is suspended/,
  });
  await client.close();
});

t.test('a limit is exact over messages with several recipients; what is refused or reset costs nothing', async (t) => {
  const client = await from('127.0.0.3');
  for (let i = 0; i < 3; i += 1) {
    await client.command('MAIL FROM:<a@example.com>');
    t.match(await client.command('RCPT TO:<reset@example.net>'), { code: 250 });
    await client.command('RSET');
  }
  const first = await sendMail(client, { to: ['1@example.net', '2@example.net', '3@example.net'] });
  t.match(first.end, { code: 250 });
  const second = await sendMail(client, { to: ['4@example.net', '5@example.net', '6@example.net'] });
  t.strictSame(
    second.recipients.map(({ code }) => code),
    [250, 250, 450],
  );
  t.match(second.recipients[2]?.text, /^4\.7\.0 <6@example\.net>: .*\[volume\.recipients\] The limit of 5 /);
  t.match(second.end, { code: 250 });
  const third = await sendMail(client, { to: ['7@example.net'] });
  t.match(third.recipients[0], { code: 450 });
  await client.close();
});

t.test('too many recipients in a message', async (t) => {
  const client = await from('127.0.0.1');
  const to = ['1', '2', '3', '4', '5'].map((local) => `${local}@example.net`);
  const { recipients, end } = await sendMail(client, { to });
  t.match(recipients[4], { code: 452, text: /^4\.5\.3 .*\[volume\.recipients-per-message\]/ });
  t.match(end, { code: 250 });
  await client.close();
});

t.test('a size that was declared, and one that was not', async (t) => {
  const client = await from('127.0.0.5');
  const declared = await sendMail(client, { to: ['b@example.net'], mailParameters: 'SIZE=20000' });
  t.match(declared.recipients[0], { code: 552, text: /^5\.7\.0 .*\[volume\.bytes\]/ });
  const large = `Subject: large\r\n\r\n${'x'.repeat(70)}\r\n`.padEnd(12_000, `${'y'.repeat(70)}\r\n`);
  const silent = await sendMail(client, { to: ['b@example.net'], data: `${large}\r\n` });
  t.match(silent.recipients[0], { code: 250 });
  t.match(silent.end, { code: 552, text: /^5\.7\.0 .*\[volume\.bytes\]/ });
  // Postfix keeps the recipients of what was refused at its end.
  t.match(await client.command('RCPT TO:<one-more@example.net>'), { code: 552 }, 'they do not go out with another');
  await client.command('RSET');
  const small = await sendMail(client, { to: ['b@example.net'] });
  t.match(small.end, { code: 250 }, 'the large one cost nothing');
  await client.close();
});

t.test('twenty messages an hour, eight clients at once, and not one more', async (t) => {
  const before = sink.messages.length;
  const ends = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const client = await from('127.0.0.4');
      let accepted = 0;
      for (let i = 0; i < 5; i += 1) {
        const { recipients, end } = await sendMail(client, { to: ['x@example.net', 'y@example.net'] });
        if (end?.code === 250) accepted += 1;
        else t.match(recipients[0], { code: 450, text: /\[volume\.messages\] The limit of 20 / });
      }
      await client.close();
      return accepted;
    }),
  );
  t.equal(
    ends.reduce((sum, one) => sum + one, 0),
    20,
  );
  const usage = await sluice.cli('usage', 'crowd', '--json');
  const { windows } = JSON.parse(usage.stdout) as { windows: { resource: string; used: number }[] };
  t.match(
    windows.find(({ resource }) => resource === 'messages'),
    { used: 20 },
  );
  await until('all are delivered', async () => (sink.messages.length >= before + 20 ? true : null));
});

t.test('bounces, and addresses as they are written', async (t) => {
  const client = await from('127.0.0.1');
  for (const [mail, to] of [
    ['<>', '<b@example.net>'],
    ['<"a b"@example.com>', '<"x \\"y"@example.net>'],
    ['<a@example.com>', '<postmaster>'],
    ['<a@example.com>', '<a+b@[127.0.0.1]>'],
  ] as const) {
    t.match(await client.command(`MAIL FROM:${mail}`), { code: 250 }, mail);
    t.match(await client.command(`RCPT TO:${to}`), { code: 250 }, to);
    await client.command('DATA');
    t.match(await client.command('Subject: x\r\n\r\n.'), { code: 250 }, `${mail} ${to}`);
  }
  t.match(await client.command('VRFY b@example.net'), { code: 252 });
  await client.close();
});

t.test('no relay is needed', async (t) => {
  t.match(JSON.parse((await sluice.get('/readyz')).body), { status: 'ready', store: 'ok', relay: 'not used' });
  t.notOk(sluice.log.some(({ level }) => level === 'error'));
});
