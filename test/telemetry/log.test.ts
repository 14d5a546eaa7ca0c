import { Writable } from 'node:stream';
import t from 'tap';
import { createLog } from '../../src/telemetry/log.js';
import { LISTED_RECIPIENTS, TRANSACTION_FIELDS } from '../../src/telemetry/log-fields.js';
import { objectedDecision, sampleDecision } from './sample-decision.js';

function memory() {
  const written: string[] = [];
  return { written, destination: { write: (text: string) => void written.push(text) } };
}

t.test('a transaction is one line of JSON with the documented fields, in their order', async (t) => {
  const { written, destination } = memory();
  const log = createLog({ level: 'info', redactAddresses: false, destination });
  log.transaction(objectedDecision());
  t.equal(written.length, 1);
  t.match(written[0], /^\{[^\n]+\}\n$/);
  const line = JSON.parse(written[0] ?? '');
  t.same(
    Object.keys(line).filter((name) => !['level', 'time', 'msg'].includes(name)),
    TRANSACTION_FIELDS.map(({ name }) => name),
  );
  t.match(line, {
    level: 'info',
    event: 'transaction',
    transaction: 'T2',
    account: 'acme',
    reversePath: 'news@acme.example',
    recipientCount: 2,
    rules: ['recipient.suppressed'],
    observed: ['volume.recipients'],
    reply: '250 2.0.0 Ok: queued as 4abc',
    by: 'relay',
    queueId: '4abc',
    size: 1234,
    durationMs: 12,
  });
  t.match(line.recipients[1], { address: 'carl@example.org', verdict: 'reject', by: 'sluice' });
  t.equal(new Date(line.time).toISOString(), line.time);
});

t.test('fields of every line stand in the transaction line as in any other', async (t) => {
  for (const base of [{}, { pid: 7, worker: 'a "b"' }]) {
    const { written, destination } = memory();
    const log = createLog({ level: 'info', redactAddresses: false, base, destination });
    log.transaction(sampleDecision());
    log.pino.info({ event: 'transaction' }, 'transaction');
    const [transaction, other] = written.map((line) => Object.keys(JSON.parse(line)));
    t.same(transaction?.slice(0, other?.indexOf('msg')), other?.slice(0, -1));
    t.equal(transaction?.at(-1), 'msg');
    t.match(JSON.parse(written[0] ?? ''), base);
  }
});

t.test('a list of recipients is bounded, their count is not', async (t) => {
  const { written, destination } = memory();
  const log = createLog({ level: 'info', redactAddresses: false, destination });
  const one = sampleDecision().recipients[0];
  t.ok(one);
  if (one === undefined) return;
  log.transaction(sampleDecision({ recipients: Array.from({ length: 250 }, () => one) }));
  const line = JSON.parse(written[0] ?? '');
  t.equal(line.recipientCount, 250);
  t.equal(line.recipients.length, LISTED_RECIPIENTS);
});

t.test('redaction hides every local part wherever it stands, and can be switched', async (t) => {
  const { written, destination } = memory();
  const log = createLog({ level: 'info', redactAddresses: true, destination });
  log.transaction(objectedDecision());
  const hidden = written[0] ?? '';
  for (const name of ['Bob', 'carl', 'news', 'anna']) t.notMatch(hidden, new RegExp(`${name}@`, 'i'), name);
  t.match(JSON.parse(hidden).reversePath, /^~[0-9a-f]{12}@acme\.example$/);
  t.match(
    JSON.parse(hidden).recipients[1].reply,
    /^550 5\.7\.1 \[recipient\.suppressed\] ~[0-9a-f]{12}@example\.org is/,
  );
  log.setRedaction(false);
  log.transaction(objectedDecision());
  t.match(written[1] ?? '', /carl@example\.org/);
});

t.test('redaction holds for every line: accounts named like mailboxes, relays that quote names, errors', async (t) => {
  const { written, destination } = memory();
  const log = createLog({ level: 'info', redactAddresses: true, destination });
  const [recipient] = sampleDecision().recipients;
  if (recipient === undefined) return t.fail('a sample without recipients');
  log.transaction(
    sampleDecision({
      account: 'carol@acme.example',
      recipients: [{ ...recipient, address: 'jane.doe@x.example', reply: '550 5.1.1 jane.doe unknown', by: 'relay' }],
      reply: '550-5.1.1 no\n550 5.1.1 mailbox of Jane.Doe is gone',
      by: 'relay',
    }),
  );
  log.pino.warn({ reply: 'for dave@x.example', peers: [{ name: 'dave@x.example' }] }, 'relay is down');
  log.pino.warn({ err: new Error('dave@x.example', { cause: new Error('dave@x.example') }) }, 'no');
  t.notMatch(written.join(''), /carol@|jane\.doe|dave@/i);
  t.match(written[0], /"account":"~[0-9a-f]{12}@acme\.example"/);
});

t.test('what a library hangs on its errors stays out of the log', async (t) => {
  const { written, destination } = memory();
  const log = createLog({ level: 'info', redactAddresses: false, destination });
  const cause = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['open sesame'] } });
  const circle = Object.assign(new Error('away', { cause }), { code: 'AWAY', command: cause.command });
  cause.cause = circle;
  log.pino.warn({ err: circle }, 'store connection');
  t.notMatch(written[0], 'sesame');
  t.match(JSON.parse(written[0] ?? '').err, {
    type: 'Error',
    message: 'away',
    code: 'AWAY',
    cause: { message: 'WRONGPASS' },
  });
});

t.test('debug is switched on, and back to what the config says', async (t) => {
  const { destination } = memory();
  const log = createLog({ level: 'warn', redactAddresses: false, destination });
  for (const expected of ['debug', 'warn', 'debug']) {
    log.switchDebug();
    t.equal(log.level, expected);
  }
  log.setLevel('trace');
  log.switchDebug();
  t.equal(log.level, 'trace', 'no less than was asked for');
});

t.test('the level changes at run time', async (t) => {
  const { written, destination } = memory();
  const log = createLog({ level: 'warn', redactAddresses: false, destination });
  log.transaction(sampleDecision());
  t.equal(written.length, 0);
  log.setLevel('debug');
  t.equal(log.level, 'debug');
  log.transaction(sampleDecision());
  log.pino.debug('detail');
  t.equal(written.length, 2);
});

t.test('flush resolves for a stream without one', async (t) => {
  const sink = new Writable({ write: (_chunk, _encoding, done) => done() });
  const log = createLog({ level: 'info', redactAddresses: false, destination: sink });
  log.pino.info('x');
  await t.resolves(log.flush());
});
