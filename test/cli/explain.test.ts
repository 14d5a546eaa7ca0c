import t from 'tap';
import { encodeDecision } from '../../src/ledger/codec.js';
import { objectedDecision, sampleDecision } from '../telemetry/sample-decision.js';
import { inProcess } from './in-process.js';

const mail = ['--from', 'me@acme.example', '--to', 'a@example.net', '--account', 'acme'];

const accountState = { account: 'acme', standing: 'good', changed: null, until: null, firstAcceptedAt: null } as const;

t.test('the command line', async (t) => {
  const { run, ask, write } = await inProcess(t);
  const wrong: readonly (readonly [args: readonly string[], code: number, says: RegExp])[] = [
    [[], 2, /give the id of a decision/],
    [['mail.eml'], 2, /mail\.eml is no id/],
    [['--from', 'me@acme.example'], 2, /needs --from and --to/],
    [['--from', 'me@acme.example', '--to', 'bob'], 2, /--to bob: not an address/],
    [['--from', 'me@acme.example', '--to', 'bob@example.net'], 2, /no account is known for 127\.0\.0\.1/],
    [['nowhere.eml', ...mail], 3, /nowhere\.eml: ENOENT/],
    [['1k8754vo2dlus2ll7.1'], 1, /no decision 1k8754vo2dlus2ll7\.1/],
  ];
  for (const [args, code, says] of wrong) {
    const told = await run(['explain', ...args]);
    t.equal(told.code, code, args.join(' '));
    t.match(told.stderr, says);
  }
  const bounce = ['--from', '<>', '--to', 'postmaster', '--account', 'acme', '--no-store'];
  t.match(await ask(['explain', ...bounce]), {
    code: 0,
    answer: { reversePath: '', recipients: [{ address: 'postmaster' }] },
  });
  const piped = await run(['explain', '-', ...mail, '--json'], 'Subject: x\n\n');
  t.match(JSON.parse(piped.stdout), { size: 'Subject: x\r\n\r\n'.length });
  await write('mail.eml', 'Subject: x\r\n\r\nx\n');
  const sizeOfFile = { answer: { size: 'Subject: x\r\n\r\nx\r\n'.length } };
  const several = [
    '--account',
    'acme',
    '--from',
    'me@acme.example',
    '--to',
    'a@example.net',
    'b@example.net',
    'mail.eml',
  ];
  t.match(await ask(['explain', ...several]), sizeOfFile, 'what follows recipients and is no address is the file');
  t.match(await ask(['explain', 'mail.eml', ...mail]), sizeOfFile);
});

t.test('texts of clients do not steer the terminal', async (t) => {
  const { run, store } = await inProcess(t);
  const opened = await store();
  const at = Date.now();
  const id = (number: number) => `${at.toString(32).padStart(9, '0')}0000000${number}.1`;
  await opened.appendDecisions(
    [
      sampleDecision({ id: id(1), at, reversePath: 'a\x1b[2Jb@acme.example', accountState }),
      objectedDecision({ id: id(2), at, verdict: 'reject', accountState }),
    ].map(encodeDecision),
    { maxAgeMs: 1e12, maxCount: 100 },
  );
  const passed = await run(['explain', id(1)]);
  t.equal(passed.code, 0);
  t.notMatch(passed.stdout, '\x1b');
  const objected = await run(['explain', id(2)]);
  t.equal(objected.code, 1);
  t.match(
    objected.stdout,
    /RCPT TO:<carl@example\.org>[\s\S]*reject {2}recipient\.suppressed[\s\S]*with this config: pass/,
  );
  t.match(
    objected.stdout,
    /With this config it would be otherwise:\n {2}carl@example\.org: reject by recipient\.suppressed -> pass/,
  );
});

t.test('of several objections that one is told which the client heard', async (t) => {
  const { run, store } = await inProcess(t);
  const opened = await store();
  const at = Date.now();
  const id = `${at.toString(32).padStart(9, '0')}00000001.1`;
  const objection = { stage: 'mail', mode: 'enforce', situation: 'x', evidence: {} } as const;
  const objections = [
    { ...objection, rule: 'reputation.rejections', verdict: 'defer', reply: '450 4.7.0 later' },
    { ...objection, rule: 'recipient.rejections', verdict: 'reject', reply: '550 5.7.1 never' },
  ] as const;
  const decision = sampleDecision({
    id,
    at,
    verdict: 'reject',
    reply: '550 5.7.1 never',
    by: 'sluice',
    accountState,
    objections,
  });
  await opened.appendDecisions([encodeDecision(decision)], { maxAgeMs: 1e12, maxCount: 100 });
  const { stdout } = await run(['explain', id]);
  t.match(stdout, /MAIL FROM:[\s\S]*?-> 550 5\.7\.1 never\n/);
  t.notMatch(stdout, /-> 450/);
});
