import { once } from 'node:events';
import { createInterface } from 'node:readline';
import t from 'tap';
import { encodeDecision } from '../../src/ledger/codec.js';
import { objectedDecision, sampleDecision } from '../telemetry/sample-decision.js';
import { inProcess } from './in-process.js';

const bounds = { maxAgeMs: 1e12, maxCount: 1_000 };
const now = () => Date.now();

t.test('decisions by account, rule, verdict and time, oldest first', async (t) => {
  const sluice = await inProcess(t);
  const store = await sluice.store();
  const day = 86_400_000;
  await store.appendDecisions(
    [
      sampleDecision({ id: 'old', at: now() - 3 * day }),
      objectedDecision({ id: 'objected', at: now() - 60_000, verdict: 'reject' }),
      sampleDecision({ id: 'other', at: now() - 50_000, account: 'other' }),
      sampleDecision({ id: 'late', at: now() - 40_000, reversePath: 'a\x1b[2Jb@acme.example' }),
    ].map(encodeDecision),
    bounds,
  );
  const found = async (...filter: string[]) => {
    const { stdout } = await sluice.run(['decisions', ...filter, '--json']);
    return stdout === ''
      ? []
      : stdout
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).id);
  };
  t.same(await found(), ['old', 'objected', 'other', 'late']);
  t.same(await found('--account', 'other'), ['other']);
  t.same(await found('--rule', 'recipient.suppressed'), ['objected']);
  t.same(await found('--verdict', 'pass', '--since', '24h'), ['other', 'late']);
  t.same(await found('--limit', '2'), ['other', 'late']);
  t.equal((await sluice.run(['decisions', '--since', 'yesterday'])).code, 2);
  t.match(
    (await sluice.run(['decisions', '--rule', 'recipient.supressed'])).stderr,
    /choices are .*recipient\.suppressed/,
  );
  const shown = await sluice.run(['decisions']);
  t.match(shown.stdout, /objected.*acme.*reject.*Bob@Example\.net and 1 more.*recipient\.suppressed/);
  t.notMatch(shown.stdout, '\x1b', "a client's text must not steer the terminal");
});

t.test('follow shows a new decision when it comes, and only those of the filter', async (t) => {
  const sluice = await inProcess(t);
  const store = await sluice.store();
  await store.appendDecisions([encodeDecision(sampleDecision({ id: 'first', at: now() }))], bounds);
  const child = sluice.start(['decisions', '--follow', '--account', 'acme', '--json']);
  const { stdout } = child;
  t.ok(stdout);
  if (stdout === null) return;
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse((await lines.next()).value as string).id;
  t.equal(await next(), 'first');
  await store.appendDecisions(
    [
      encodeDecision(sampleDecision({ id: 'of another', at: now(), account: 'other' })),
      encodeDecision(sampleDecision({ id: 'second', at: now() })),
    ],
    bounds,
  );
  t.equal(await next(), 'second');
  await store.appendDecisions([encodeDecision(objectedDecision({ id: 'third', at: now() }))], bounds);
  t.equal(await next(), 'third');
  const exit = once(child, 'exit');
  child.kill('SIGINT');
  t.same(await exit, [null, 'SIGINT']);
});
