/** An account is suspended while its clients are connected, is reinstated, and comes back by itself. */

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { hashPassword } from '../../../src/account/password.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import type { SmtpClient } from '../../support/smtp-client.js';
import { until } from '../../support/until.js';

const to = ['b@example.net'];
const SUSPENDED = /^5\.7\.13 \[account\.standing\] This account is suspended since .* ref=\S+$/;

const password = randomBytes(9).toString('hex');
const directory = await mkdtemp(join(tmpdir(), 'sluice-suspension-'));
t.teardown(() => rm(directory, { recursive: true, force: true }));
await writeFile(join(directory, 'users'), `anna:${await hashPassword(password)}:acme\n`);
const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  directory,
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    listen: [
      { name: 'plain', address: '127.0.0.1:0' },
      { name: 'auth', address: '127.0.0.1:0', auth: 'required', authInClear: true },
    ],
    accounts: { unknown: 'acme', identify: [{ users: { file: 'users' } }] },
  },
});

function login(client: SmtpClient) {
  return client.command(`AUTH PLAIN ${Buffer.from(`\0anna\0${password}`).toString('base64')}`);
}

t.test('suspended and reinstated while sessions are open', async (t) => {
  const plain = await openSession(sluice.port('plain'));
  t.equal((await sendMail(plain, { to })).end?.code, 250);
  const user = await openSession(sluice.port('auth'));
  t.equal((await login(user)).code, 235);
  t.equal((await sendMail(user, { to })).end?.code, 250);
  const begun = await openSession(sluice.port('plain'));
  await begun.command('MAIL FROM:<a@example.com>');

  t.equal((await sluice.cli('account', 'suspend', 'acme', '--reason', 'spam run, ticket 4711')).code, 0);
  for (const client of [plain, user]) t.match((await sendMail(client, { to })).mail, { code: 550, text: SUSPENDED });
  const { text } = (await sendMail(plain, { to })).mail;
  t.notMatch(text, /4711/, 'what colleagues wrote is not for the customer');
  t.equal((await begun.command('RCPT TO:<b@example.net>')).code, 250, 'a transaction that had begun goes on');
  const fresh = await openSession(sluice.port('auth'));
  t.match(await login(fresh), { code: 525, text: SUSPENDED });
  t.equal((await fresh.command('MAIL FROM:<a@example.com>')).code, 530, 'and is not logged in');
  const late = await openSession(sluice.port('plain'));
  t.match((await sendMail(late, { to })).mail, { code: 550, text: SUSPENDED });

  t.equal((await sluice.cli('account', 'reinstate', 'acme', '--reason', 'cleaned up')).code, 0);
  for (const client of [plain, user, late]) {
    t.equal((await sendMail(client, { to })).end?.code, 250, 'the sessions that heard it go on');
  }
  t.equal((await login(fresh)).code, 235, 'the one that was refused at AUTH logs in');
  t.equal((await sendMail(fresh, { to })).end?.code, 250);
  for (const client of [plain, user, begun, fresh, late]) await client.close();
});

t.test('a suspension ends by itself', async (t) => {
  const client = await openSession(sluice.port('plain'));
  const { code, stderr } = await sluice.cli('account', 'suspend', 'acme', '--reason', 'short', '--until', '3s');
  t.equal(code, 0, stderr);
  const { mail } = await sendMail(client, { to });
  t.match(mail, { code: 550, text: /^5\.7\.13 \[account\.standing\] This account is suspended since .* until / });
  await until('it has ended', async () => ((await sendMail(client, { to })).end?.code === 250 ? true : null));
  t.match((await sluice.cli('account', 'show', 'acme', '--json')).stdout, /"standing": ?"good"/);
  await client.close();
});
