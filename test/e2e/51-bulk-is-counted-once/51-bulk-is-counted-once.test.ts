/**
 * Four workers see a mailing that says nothing of itself, each a part of it: it is
 * one campaign, known as bulk from the same recipient on, and waits for approval.
 */

import t from 'tap';
import { crowd } from '../../support/crowd.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const LIMIT = 30;
const redis = await startRedis(t);
const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    store: { redis: { url: redis.url }, callTimeout: '5s' },
    workers: 4,
    accounts: { unknown: 'acme' },
    rules: {
      'bulk.declaration': {
        recipients: LIMIT,
        transactional: [{ name: 'receipts', from: 'receipts@acme.example' }],
      },
      'bulk.approval': { mode: 'enforce' },
      'volume.connections': { mode: 'off' },
    },
  },
});

const NAMES = ['Anna', 'Bob', 'Céline', 'Dmitri', 'Eve', 'Farid', 'Gül', 'Hiro'];

function mailing(number: number, from = 'sales@acme.example'): string {
  const name = NAMES[number % NAMES.length];
  return [
    `From: ${from}`,
    `To: r${number}@example.net`,
    `Subject: ${name}, our spring offers`,
    `Message-ID: <${number}.${Date.now()}@acme.example>`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    `Dear ${name},`,
    'spring is here, and with it come our finest garden chairs, tables and parasols at prices that',
    'you have not seen before. All of them are made of oak from our own forests, last a lifetime,',
    'and are delivered to your door within three days wherever you live in the country.',
    `Order before the end of the month: https://shop.acme.example/spring?c=${number}x${number * 7919}`,
    'We look forward to seeing you in one of our forty shops, and wish you many sunny days.',
    'Your garden team',
    '',
  ].join('\r\n');
}

async function send(data: string, to: string): Promise<string> {
  const client = await openSession(sluice.port());
  const { end } = await sendMail(client, { from: 'bounce@acme.example', to: [to], data });
  await client.close();
  return `${end?.code} ${end?.text}`;
}

interface Listed {
  readonly id: string;
  readonly state: string;
  readonly recipients: number;
  readonly subject: string;
}

async function campaigns(...filter: string[]): Promise<readonly Listed[]> {
  const { stdout } = await sluice.cli('campaigns', 'list', '--json', ...filter);
  return (JSON.parse(stdout) as { campaigns: Listed[] }).campaigns;
}

t.test('exactly as many as may are sent before it is known', async (t) => {
  const replies = await crowd([sluice.port()], 60, async (client, number) => {
    const { end } = await sendMail(client, {
      from: 'b@acme.example',
      to: [`r${number}@example.net`],
      data: mailing(number),
    });
    return `${end?.code} ${end?.text}`;
  });
  t.equal(replies.filter((reply) => reply.startsWith('250')).length, LIMIT, 'not one more, not one less');
  t.equal(sink.messages.length, LIMIT);
  const refused = replies.filter((reply) => !reply.startsWith('250'));
  t.ok(
    refused.every((reply) => /^451 4\.7\.0 \[bulk\.approval\] .* campaign c[0-9a-f]+ waits/.test(reply)),
    refused[0] ?? '',
  );
  t.match(
    await campaigns(),
    [{ state: 'seen', recipients: 60, subject: /our spring offers$/ }],
    'one campaign, the refused ones counted too',
  );
});

t.test('other mail of the account goes on', async (t) => {
  t.match(await send('From: a@acme.example\r\nSubject: lunch?\r\n\r\nAt noon?\r\n', 'r1@example.net'), /^250 /);
});

t.test('a declared transactional stream is no bulk', async (t) => {
  for (let number = 100; number < 110; number += 1) {
    t.match(await send(mailing(number, 'receipts@acme.example'), `r${number}@example.net`), /^250 /);
  }
});

t.test('approved, it goes out; refused, it does not', async (t) => {
  const [campaign] = await campaigns();
  const id = campaign?.id ?? '';
  t.equal((await sluice.cli('campaigns', 'approve', id, '--account', 'acme')).code, 0);
  t.match(await send(mailing(200), 'r200@example.net'), /^250 /);
  t.equal((await sluice.cli('campaigns', 'refuse', id, '--account', 'acme', '--note', 'no consent')).code, 0);
  t.match(await send(mailing(201), 'r201@example.net'), /^554 5\.7\.1 \[bulk\.approval\] .*was not approved/);
  t.match(await campaigns('--state', 'refused'), [{ id }]);
  t.equal((await sluice.cli('campaigns', 'approve', 'c0', '--account', 'acme')).code, 1);
  t.equal((await sluice.cli('campaigns', 'approve', '--account', 'acme')).code, 2);
});

t.test('all of an account is approved', async (t) => {
  const declared = (number: number) => `List-Id: <x.acme.example>\r\n${mailing(number).replace('spring', 'autumn')}`;
  const before = await send(declared(300).replaceAll('garden', 'kitchen'), 'r300@example.net');
  t.match(before, /^(?:451|554)/);
  t.equal((await sluice.cli('campaigns', 'approve', '--all', '--account', 'acme')).code, 0);
  const other = 'List-Id: <y.acme.example>\r\nFrom: a@acme.example\r\nSubject: y\r\n\r\nSomething else altogether.\r\n';
  t.match(await send(other, 'r301@example.net'), /^250 /);
  await until('it is listed', async () =>
    (await campaigns('--state', 'approved')).some(({ id }) => id === '*') ? true : null,
  );
});
