import t from 'tap';
import { inProcess } from './in-process.js';

t.test('a consent with its evidence', async (t) => {
  const sluice = await inProcess(t);
  await sluice.write('scan.pdf', 'a signature');
  const shown = ['consent', 'show', 'Bob@Example.net', '--account', 'acme'];
  t.match(await sluice.run(shown), { code: 1, stdout: /no consent to mail of acme/ });
  const evidence = ['--ip', '192.0.2.7', '--url', 'https://acme.example/join', '--proof', 'scan.pdf'];
  const add = [
    'consent',
    'add',
    'Bob@Example.net',
    '-a',
    'acme',
    '--source',
    'web-form',
    '--at',
    '2026-01-02T03:04:05Z',
  ];
  t.equal((await sluice.run([...add, ...evidence])).code, 0);
  const { answer } = await sluice.ask(shown);
  t.match(answer, {
    key: 'bob@example.net',
    account: 'acme',
    source: 'web-form',
    at: Date.UTC(2026, 0, 2, 3, 4, 5),
    evidence: { ip: '192.0.2.7', text: null, proof: /^[0-9a-f]{64}$/ },
  });
  t.match((await sluice.run(shown)).stdout, /on 2026-01-02T03:04:05.000Z\n {2}source {4}web-form\n/);
  t.match(await sluice.run(['consent', 'add', 'x@example.net', '-a', 'acme', '--proof', 'none.pdf']), { code: 3 });
  const withdraw = ['consent', 'withdraw', 'bob@example.net', '-a', 'acme'];
  t.equal((await sluice.run(withdraw)).code, 0);
  t.equal((await sluice.run(withdraw)).code, 1);
});

t.test('what was exported is imported the same; bad rows are told by line', async (t) => {
  const sluice = await inProcess(t);
  const csv = [
    'address,source,at,ip,url,text,confirmed,proof,shoe size',
    'ann@example.net,web-form,2026-01-02T03:04:05.000Z,2001:db8::1,https://acme.example/join,"Yes, ""news""",2026-01-02T03:05:00.000Z,,38',
    'not an address,,,,,,,,',
    'carl@example.net,,,300.1.1.1,,,,,',
    'dora@example.net,,yesterday,,,,,,',
    `eve@example.net,,,,,,,${'A'.repeat(64)},`,
    'fay@example.net,,,,,,,12,',
  ];
  await sluice.write('consents.csv', `${csv.join('\n')}\n`);
  const imported = ['consent', 'import', 'consents.csv', '--account', 'acme', '--source', 'paper'];
  t.match(await sluice.ask(imported), { code: 6, answer: { imported: 0, refused: true, bad: 4 } });
  const { answer } = await sluice.ask([...imported, '--bad-rows', 'skip']);
  t.match(answer, { imported: 2, badRows: [{ line: 3 }, { line: 4 }, { line: 5 }, { line: 7 }] });
  const { stdout } = await sluice.run(['consent', 'export', '--account', 'acme']);
  t.match(stdout.split('\n'), [
    'address,account,source,at,ip,url,text,confirmed,proof',
    'ann@example.net,acme,web-form,2026-01-02T03:04:05.000Z,2001:db8::1,https://acme.example/join,"Yes, ""news""",2026-01-02T03:05:00.000Z,',
    new RegExp(`^eve@example.net,acme,paper,.*,,,,,${'a'.repeat(64)}$`),
    '',
  ]);

  const second = await inProcess(t);
  await second.write('consents.csv', stdout);
  t.equal((await second.run(['consent', 'import', 'consents.csv'])).code, 0);
  t.equal((await second.run(['consent', 'export', '--account', 'acme'])).stdout, stdout);
});

t.test('a proven consent lifts a revocation', async (t) => {
  const sluice = await inProcess(t);
  await sluice.run(['revoke', 'bob@example.net', '-a', 'acme', '--at', '2026-01-01']);
  await sluice.run(['consent', 'add', 'bob@example.net', '-a', 'acme', '--url', 'https://acme.example/join']);
  t.match(await sluice.run(['revoke', 'bob@example.net', '-a', 'acme', '--lift']), { code: 1 }, 'there is none left');
});
