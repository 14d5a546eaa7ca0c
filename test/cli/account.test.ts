import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { verifyPassword } from '../../src/account/password.js';
import { readUsersFile } from '../../src/account/users-file.js';
import { inProcess } from './in-process.js';

t.test('an account is suspended, shown, listed and reinstated', async (t) => {
  const sluice = await inProcess(t);
  const suspended = await sluice.ask(['account', 'suspend', 'acme', '--reason', 'spam run', '--until', '48h']);
  t.equal(suspended.code, 0);
  t.match(suspended.answer, { account: 'acme', standing: 'suspended', changed: { reason: 'spam run', by: 'olga' } });
  const { until } = suspended.answer as { until: number };
  t.ok(Math.abs(until - Date.now() - 48 * 3_600_000) < 60_000, 'in 48 hours');

  t.match((await sluice.ask(['account', 'show', 'acme'])).answer, {
    standing: 'suspended',
    plan: 'small',
    listed: true,
    senders: ['acme.example'],
  });
  await sluice.ask(['account', 'suspend', 'stranger', '--reason', 'x']);
  const { answer } = await sluice.ask(['account', 'list']);
  t.match(answer, {
    accounts: [
      { account: 'acme', plan: 'small', standing: 'suspended', listed: true },
      { account: 'stranger', plan: 'default', standing: 'suspended', listed: false },
    ],
  });

  const reinstated = await sluice.run(['account', 'reinstate', 'acme', '--reason', 'list cleaned']);
  t.equal(reinstated.code, 0);
  const again = await sluice.run(['account', 'reinstate', 'acme']);
  t.equal(again.code, 1, 'nothing to do is a negative answer');
  t.match((await sluice.ask(['account', 'show', 'acme'])).answer, {
    standing: 'good',
    changed: { reason: 'list cleaned' },
  });
});

t.test('an account is warned, then terminated; a name that nobody knows is told', async (t) => {
  const sluice = await inProcess(t);
  t.match((await sluice.ask(['account', 'warn', 'acme', '--reason', 'no unsubscribe link', '--until', '30d'])).answer, {
    standing: 'warned',
    changed: { reason: 'no unsubscribe link', by: 'olga' },
  });
  const known = await sluice.run(['account', 'terminate', 'acme', '--reason', 'contract ended']);
  t.equal(known.stdout, 'acme is terminated\n');
  t.equal(known.stderr, '');
  t.match((await sluice.ask(['account', 'show', 'acme'])).answer, { standing: 'terminated', until: null });

  const misspelt = await sluice.run(['account', 'suspend', 'amce', '--reason', 'spam run']);
  t.equal(misspelt.code, 0, 'it may be the first that is heard of it');
  t.match(misspelt.stderr, /amce is not in the config and never sent mail/);
  t.match((await sluice.run(['account', 'reinstate', 'acme'])).stdout, /acme was terminated/);
});

t.test('a suspension ends in time to come', async (t) => {
  const sluice = await inProcess(t);
  const { code, stderr } = await sluice.run(['account', 'suspend', 'acme', '-r', 'x', '--until', '2020-01-01']);
  t.equal(code, 2);
  t.match(stderr, /It has passed already/);
});

t.test('a suspension needs a reason', async (t) => {
  const sluice = await inProcess(t);
  const { code, stderr } = await sluice.run(['account', 'suspend', 'acme']);
  t.equal(code, 2);
  t.match(stderr, /^sluice: .*--reason.*\n$/);
});

t.test('passwords go to the users file that the config names; comments stay', async (t) => {
  const sluice = await inProcess(t);
  const file = join(sluice.folder, 'users');
  t.equal(
    (await sluice.run(['account', 'passwd', 'anna@acme.example', '--account', 'acme'], 'secret\nrest\n')).code,
    0,
  );
  t.equal((await sluice.run(['account', 'passwd', 'acme'], 'other')).code, 0);
  const users = readUsersFile(file);
  t.same(
    [...users].map(([name, { account }]) => [name, account]),
    [
      ['anna@acme.example', 'acme'],
      ['acme', 'acme'],
    ],
  );
  t.equal(await verifyPassword('secret', users.get('anna@acme.example')?.hash ?? ''), true);
  t.match(await readFile(file, 'utf8'), /^# people\n/);
  t.notMatch(await readFile(file, 'utf8'), /secret/);

  t.equal((await sluice.run(['account', 'passwd', 'anna@acme.example', '--account', 'acme'], 'newer\n')).code, 0);
  t.equal(readUsersFile(file).size, 2, 'replaced, not added');
  t.equal((await sluice.run(['account', 'passwd', 'acme', '--remove'])).code, 0);
  t.equal((await sluice.run(['account', 'passwd', 'acme', '--remove'])).code, 1);
  t.equal((await sluice.run(['account', 'passwd', 'x'], '')).code, 2, 'an empty password is none');
  t.equal((await sluice.run(['account', 'passwd', 'with space'], 'pw')).code, 2, 'no account id');
});

t.test('passwords go to the store where the config looks there', async (t) => {
  const sluice = await inProcess(
    t,
    'listen: [{name: a, address: 127.0.0.1:0}]\nrelay: {hosts: ["127.0.0.1:9"]}\nstore: {embedded: {path: state.db}}\n',
  );
  t.equal((await sluice.run(['account', 'passwd', 'anna', '--account', 'acme'], 'secret\n')).code, 0);
  const store = await sluice.store();
  const credential = await store.credentialOf('anna');
  t.equal(credential?.account, 'acme');
  t.equal(await verifyPassword('secret', credential?.hash ?? ''), true);
  t.equal((await sluice.run(['account', 'passwd', 'anna', '--remove'])).code, 0);
  t.equal(await store.credentialOf('anna'), null);
});
