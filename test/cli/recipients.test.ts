import t from 'tap';
import { inProcess } from './in-process.js';
import { CONFIG } from './sluice.js';

t.test('suppressions are added, asked for, listed and removed', async (t) => {
  const sluice = await inProcess(t);
  t.equal(
    (await sluice.run(['suppress', 'add', 'Bob@EXAMPLE.net', 'eve@example.net', '--note', 'asked by phone'])).code,
    0,
  );
  t.equal(
    (await sluice.run(['suppress', 'add', '@Example.org', '-a', 'acme', '-r', 'complained', '-e', '30d'])).code,
    0,
  );

  const bob = await sluice.ask(['suppress', 'check', 'bob@example.net']);
  t.equal(bob.code, 1, 'suppressed is a negative answer');
  t.match(bob.answer, {
    suppressed: true,
    suppressions: [{ account: null, reason: 'manual', note: 'asked by phone', by: 'olga' }],
  });
  t.match(await sluice.ask(['suppress', 'check', 'zoe@example.org', '-a', 'acme']), {
    code: 1,
    answer: { suppressed: true },
  });
  t.match(await sluice.ask(['suppress', 'check', 'zoe@example.org', '-a', 'other']), {
    code: 0,
    answer: { suppressed: false },
  });

  const { answer } = await sluice.ask(['suppress', 'list', '--global']);
  t.match(answer, { suppressions: [{ key: 'bob@example.net' }, { key: 'eve@example.net' }], more: false });
  t.match((await sluice.ask(['suppress', 'list', '--limit', '1'])).answer, { more: true });

  t.equal((await sluice.run(['suppress', 'remove', 'bob@example.net'])).code, 0);
  t.equal((await sluice.run(['suppress', 'remove', 'bob@example.net'])).code, 1);
  t.equal((await sluice.run(['suppress', 'add', 'not an address'])).code, 2);
});

t.test('a revocation is recorded with its time, and lifted', async (t) => {
  const sluice = await inProcess(t);
  t.equal((await sluice.run(['revoke', 'bob@example.net'])).code, 2, 'it needs an account');
  t.match(await sluice.ask(['revoke', 'Bob@example.net', '-a', 'acme', '--at', '2026-01-02T03:04Z']), {
    code: 0,
    answer: { address: 'bob@example.net', at: Date.UTC(2026, 0, 2, 3, 4) },
  });
  t.equal((await sluice.run(['revoke', 'bob@example.net', '-a', 'acme', '--lift'])).code, 0);
  t.equal((await sluice.run(['revoke', 'bob@example.net', '-a', 'acme', '--lift'])).code, 1);
});

t.test('a revocation is of one list or stream where the scope says so', async (t) => {
  const streams = '[{ name: offers, from: offers@acme.example }]';
  const sluice = await inProcess(t, `${CONFIG}rules: { recipient.revoked: { scope: stream, streams: ${streams} } }\n`);
  const store = await sluice.store();
  const revoke = (...args: string[]) => sluice.run(['revoke', 'bob@example.net', '-a', 'acme', ...args]);
  t.match(await revoke('--stream', 'Offers'), { code: 0, stdout: /mail of acme, stream offers\n/ });
  t.match(await store.subscriptionRevocationsOf('acme', ['bob@example.net']), [
    [{ source: 'cli', subscription: { kind: 'stream', name: 'offers' } }],
  ]);
  t.match(await revoke('--list', 'news.example'), {
    code: 2,
    stderr: /of one stream, or of all its mail; leave out --list/,
  });
  t.equal((await revoke('--list', 'news.example', '--stream', 'offers')).code, 2);
  t.equal((await revoke('--stream', 'two words')).code, 2);
  t.match(await revoke('--stream', 'offer'), {
    code: 2,
    stderr: /no mail of acme is of a stream offer: declared are offers/,
  });
  t.equal((await revoke('--stream', 'feedback-id:news:acme')).code, 0);
  const byAccount = await inProcess(t);
  t.match(await byAccount.run(['revoke', 'bob@example.net', '-a', 'acme', '--stream', 'offers']), {
    code: 2,
    stderr: /scope is account for acme/,
  });
});

t.test('rejections are shown and forgotten', async (t) => {
  const sluice = await inProcess(t);
  const store = await sluice.store();
  const policy = { scope: 'account', presumeDeliveredAfterMs: 1e9, keepMs: 1e10 } as const;
  for (const message of ['M1', 'M2']) {
    const status = '550 5.1.1 \x1b[31mno such user';
    await store.recordOutcome(
      { account: 'acme', key: 'bob@example.net', message, kind: 'rejected', status, at: null },
      policy,
    );
  }
  const shown = await sluice.run(['rejections', 'bob@example.net']);
  t.equal(shown.code, 0);
  t.match(shown.stdout, /acme.*2.*550 5\.1\.1/);
  t.notMatch(shown.stdout, '\x1b', "a relay's text must not steer the terminal");
  t.match(await sluice.ask(['rejections', 'bob@example.net', '--forget']), {
    code: 0,
    answer: { rejections: [{ account: 'acme', count: 2 }], forgotten: true },
  });
  t.equal((await sluice.run(['rejections', 'bob@example.net'])).code, 1);
});
