import t from 'tap';
import { logFormat } from '../../../src/feedback/relay-log/formats.js';
import { QueueFiles } from '../../../src/feedback/relay-log/queue-files.js';
import { RelayLog } from '../../../src/feedback/relay-log/relay-log.js';
import fc from '../../support/property.js';
import { brief, fixture, readLog, WRITTEN } from './read-log.js';

/** Lines of Postfix on one machine, a second apart. */
function postfixLog(...lines: string[]): string {
  return lines
    .map((line, index) => {
      const [daemon, ...rest] = line.split(' ');
      const second = new Date(WRITTEN - 86_400_000 + index * 1000).toISOString();
      return `${second} mx postfix/${daemon}[1]: ${rest.join(' ')}\n`;
    })
    .join('');
}

const sent = (id: string, to: string, words: string, relay = 'mx.one.example[198.51.100.1]:25'): string =>
  `smtp ${id}: to=<${to}>, relay=${relay}, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (${words})`;

t.test('Postfix: one message to several, expiry, a reused id, what is no outcome', async (t) => {
  t.same(readLog(fixture('plain-short-ids.log')).map(brief), [
    'c@slow.example deferred 4.2.0 network 3A1B2C4D5E',
    'd@dead.example deferred 4.4.1 network 3A1B2C4D5E',
    'e@acme.example sent 2.0.0 none 3A1B2C4D5E',
    'f@listed.example bounced 5.7.1 reputation 3A1B2C4D5E',
    'c@slow.example sent 2.0.0 none 3A1B2C4D5E',
    'd@dead.example deferred 4.4.1 network 3A1B2C4D5E',
    'd@dead.example expired 4.4.1 expired 3A1B2C4D5E',
    'g@two.example sent 2.0.0 none 3A1B2C4D5E',
  ]);
  const outcomes = readLog(fixture('plain-short-ids.log'));
  t.same(
    outcomes.map(({ message, sender }) => `${message.messageId} ${sender}`),
    [...Array(7).fill('<first@acme.example> a@acme.example'), '<second@other.example> b@other.example'],
    'the reused id is another message',
  );
  const [greylisted, unreachable, , listed] = outcomes;
  t.equal(new Date(greylisted?.at ?? 0).toISOString(), '2026-11-20T07:00:01.100Z');
  t.match(greylisted?.outcome, { action: 'delayed', permanent: false, remoteMta: 'mx.slow.example' });
  t.match(unreachable?.outcome, { remoteMta: 'mx.dead.example', diagnostic: /^connect to .*timed out$/ });
  t.match(listed?.outcome, { action: 'failed', permanent: true, diagnostic: /zen\.spamhaus\.org \(in reply/ });
  t.match(outcomes[6]?.outcome, { action: 'failed', permanent: true });
});

t.test('Postfix: through amavis, whose way back is logged before its reply', async (t) => {
  const outcomes = readLog(fixture('amavis.log'));
  t.same(outcomes.map(brief), [
    'ann@one.example sent 2.0.0 none 4Tb2Jk1QpRz9>4Tb2Jl3Wvtz9',
    'bob@two.example bounced 5.1.1 unknown 4Tb2Jk1QpRz9>4Tb2Jl3Wvtz9',
    'ann@acme.example sent 2.0.0 none 4Tb2Jk1QpRz9>4Tb2Jl3Wvtz9',
    'news@acme.example sent 2.0.0 none 4Tb2Jm0Zzzz9',
  ]);
  t.equal(outcomes[2]?.outcome.originalRecipient, 'team@acme.example');
  t.equal(outcomes[3]?.sender, '', "the notification's own delivery is told apart by its null sender");
  t.equal(outcomes[0]?.message.queueId, '4Tb2Jk1QpRz9', 'what the client was told');
});

t.test("Exim's main log, both kinds of ids, and a filter", async (t) => {
  const outcomes = readLog(fixture('exim.log'));
  t.same(outcomes.map(brief), [
    'ann@one.example sent 2.0.0 none 1tFaBc-000abc-2D',
    'amy@one.example sent 2.0.0 none 1tFaBc-000abc-2D',
    'bob@two.example bounced 5.1.1 unknown 1tFaBc-000abc-2D',
    `jim@gone.example bounced - ${outcomes[3]?.outcome.class} 1tFaBc-000abc-2D`,
    'sales@acme.example sent - none 1tFaBc-000abc-2D',
    'help@acme.example sent - none 1tFaBc-000abc-2D',
    `dora@slow.example deferred 4.7.1 ${outcomes[6]?.outcome.class} 1tFaBc-000abc-2D`,
    'news@acme.example sent - none 1tFaBd-000abd-0E',
    'dora@slow.example expired - expired 1tFaBc-000abc-2D',
    'eve@five.example bounced 5.7.1 reputation 1tGzzz-0000000AbCd-0eFg>1tGzzz-0000000AbCe-1eFg',
  ]);
  t.match(outcomes[2], {
    sender: 'news@acme.example',
    agent: 'remote_smtp',
    message: { messageId: '<n9@acme.example>' },
    outcome: { remoteMta: 'mx.two.example', diagnostic: /^SMTP error from remote mail server after RCPT TO/ },
  });
});

t.test('the way through a relay', async (t) => {
  const begin = (id: string, messageId: string, client = 'app[192.0.2.1]'): string[] => [
    `smtpd ${id}: client=${client}`,
    `cleanup ${id}: message-id=<${messageId}>`,
    `qmgr ${id}: from=<a@acme.example>, size=1, nrcpt=1 (queue active)`,
  ];
  const briefs = (...lines: string[]) => readLog(postfixLog(...lines)).map(brief);

  t.same(
    briefs(
      ...begin('AAAAA1', 'm'),
      'pickup AAAAA2: uid=110 from=<a@acme.example>',
      'cleanup AAAAA2: message-id=<m>',
      sent('AAAAA2', 'x@one.example', '250 ok'),
      'qmgr AAAAA2: removed',
      'pipe AAAAA1: to=<x@one.example>, relay=filter, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (delivered via filter service)',
      'qmgr AAAAA1: removed',
    ),
    ['x@one.example sent 2.0.0 none AAAAA1>AAAAA2'],
    'a filter that is a program, done before its pipe ends',
  );
  t.same(
    briefs(
      ...begin('AAAAA1', 'm'),
      'cleanup AAAAA3: message-id=<m>',
      'local AAAAA1: to=<l@acme.example>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as AAAAA3)',
      'qmgr AAAAA1: removed',
      sent('AAAAA3', 'home@two.example', '250 ok'),
    ),
    ['home@two.example sent 2.0.0 none AAAAA1>AAAAA3'],
    'a .forward',
  );
  t.equal(
    readLog(
      postfixLog(
        ...begin('AAAAA1', 'm'),
        'cleanup AAAAA3: message-id=<m>',
        'local AAAAA1: to=<l@acme.example>, relay=local, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (forwarded as AAAAA3)',
        sent('AAAAA3', 'home@two.example', '250 ok'),
      ),
    )[0]?.outcome.originalRecipient,
    'l@acme.example',
  );
  t.same(
    briefs(
      ...begin('AAAAA1', 'm'),
      'postsuper AAAAA1: requeued',
      'pickup AAAAA4: uid=0 from=<a@acme.example> orig_id=AAAAA1',
      'cleanup AAAAA4: message-id=<m>',
      sent('AAAAA4', 'x@one.example', '250 ok'),
    ),
    ['x@one.example sent 2.0.0 none AAAAA1>AAAAA4'],
    'postsuper -r',
  );
  t.same(
    briefs(
      ...begin('AAAAA1', 'm'),
      ...begin('AAAAA5', 'm'),
      sent('AAAAA1', 'x@one.example', '250 2.0.0 Ok: queued as BBBBB1'),
      'qmgr AAAAA1: removed',
      sent('AAAAA5', 'y@two.example', '250 2.0.0 Ok: queued as BBBBB2'),
      'qmgr AAAAA5: removed',
    ),
    ['x@one.example sent 2.0.0 none AAAAA1', 'y@two.example sent 2.0.0 none AAAAA5'],
    'one Message-ID sent twice is two messages',
  );
  t.same(
    briefs(
      ...begin('AAAAA1', 'm'),
      ...begin('AAAAA6', 'another'),
      sent('AAAAA1', 'x@evil.example', '250 2.0.0 Ok: queued as AAAAA6'),
      sent('AAAAA6', 'y@two.example', '250 ok'),
    ),
    ['x@evil.example sent 2.0.0 none AAAAA1', 'y@two.example sent 2.0.0 none AAAAA6'],
    'a server out there cannot claim a queue id of ours',
  );
  t.same(
    briefs(
      sent('AAAAA1', 'x@one.example', '250 2.0.0 Ok: queued as AAAAA7', '127.0.0.1[127.0.0.1]:10024'),
      'qmgr AAAAA1: removed',
      sent('AAAAA7', 'x@one.example', '250 ok'),
    ),
    ['x@one.example sent 2.0.0 none AAAAA1>AAAAA7'],
    'a log that begins in the middle of a filter',
  );
  t.same(
    briefs(sent('AAAAA1', 'x@one.example', '250 2.0.0 Ok: queued as ELSEWHERE', '127.0.0.1[127.0.0.1]:10024')),
    ['x@one.example sent 2.0.0 none AAAAA1'],
    'a hop that logs elsewhere',
  );
});

t.test('agents, words and addresses', async (t) => {
  const cases: [line: string, brief: string | undefined][] = [
    [
      'error AAAAA1: to=<x@one.example>, relay=none, delay=1, delays=0/0/0/1, dsn=5.4.6, status=bounced (mail for one.example loops back to myself)',
      'x@one.example bounced 5.4.6',
    ],
    [
      'error AAAAA1: to=<x@one.example>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (delivery temporarily suspended: connect to mx[192.0.2.9]:25: Connection refused)',
      'x@one.example deferred 4.4.1',
    ],
    [
      'virtual AAAAA1: to=<x@one.example>, relay=virtual, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (unknown user: "x@one.example")',
      'x@one.example bounced 5.1.1',
    ],
    [
      'pipe AAAAA1: to=<x@one.example>, relay=maildrop, delay=1, delays=0/0/0/1, dsn=5.3.0, status=bounced (command line usage error)',
      'x@one.example bounced 5.3.0',
    ],
    [
      'discard AAAAA1: to=<x@one.example>, relay=none, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (one.example)',
      'x@one.example discarded 2.0.0',
    ],
    [
      'smtp AAAAA1: to=<x@one.example>, relay=mx.one.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (host mx.one.example[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command))',
      'x@one.example bounced 5.1.1',
    ],
    [
      'smtp AAAAA1: to=<x@one.example>, relay=mx.one.example[192.0.2.1]:25, delay=1, status=sent (250 ok)',
      'x@one.example sent -',
    ],
    [
      'smtp AAAAA1: to=<"a>, relay=b, status=bounced (550"@one.example>, relay=mx.one.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)',
      '"a>, relay=b, status=bounced (550"@one.example sent 2.0.0',
    ],
    [
      'smtp AAAAA1: to=<x@one.example>, relay=mx.one.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok>, relay=z, status=bounced (550 no)))',
      'x@one.example sent 2.0.0',
    ],
    [
      'smtp AAAAA1: to=<x@one.example>, relay=mx, delay=1, delays=0/0/0/1, dsn=4.0.0, status=SOFTBOUNCE (host said: 550 no)',
      'x@one.example deferred 4.0.0',
    ],
    ['smtp NOQUEUE: to=<x@one.example>, relay=mx, delay=1, dsn=2.0.0, status=sent (x)', undefined],
    ['smtp AAAAA1: to=<x@one.example>, relay=mx, delay=1, dsn=2.0.0, status=deliverable (x)', undefined],
  ];
  for (const [line, expected] of cases) {
    const first = readLog(postfixLog(line))[0];
    t.equal(first && brief(first).split(' ').slice(0, -2).join(' '), expected, line);
  }
});

t.test('the shapes of syslog', async (t) => {
  const message = 'ABCDE1: to=<x@one.example>, relay=mx[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 ok)';
  const at = (line: string) => readLog(`${line}\n`)[0]?.at;
  const local = new Date(2026, 10, 6, 9, 5, 7).getTime();
  t.equal(at(`Nov  6 09:05:07 mx postfix/smtp[1]: ${message}`), local);
  t.equal(at(`<22>Nov  6 09:05:07 mx postfix/smtp[1]: ${message}`), local);
  t.equal(at(`Nov  6 09:05:07 mx postfix-out/smtp[1]: ${message}`), local);
  t.equal(at(`Nov  6 09:05:07 postfix/smtp[1]: ${message}`), local, 'without a host');
  t.equal(at(`Dec 31 09:05:07 mx postfix/smtp[1]: ${message}`), new Date(2025, 11, 31, 9, 5, 7).getTime());
  const utc = Date.parse('2026-11-06T08:05:07.123Z');
  t.equal(at(`2026-11-06T09:05:07.123456+01:00 mx postfix/smtp[1]: ${message}`), utc);
  t.equal(at(`2026-11-06T09:05:07.123+0100 mx postfix/smtp[1]: ${message}`), utc);
  t.equal(at(`<22>1 2026-11-06T08:05:07.123Z mx postfix/smtp 1 - - ${message}`), utc);
  const journal = {
    MESSAGE: message,
    SYSLOG_IDENTIFIER: 'postfix/smtp',
    __REALTIME_TIMESTAMP: `${utc}456`,
    _HOSTNAME: 'mx',
  };
  t.equal(at(JSON.stringify(journal)), utc);
  t.equal(at(JSON.stringify({ ...journal, MESSAGE: [...Buffer.from(message)] })), utc);
  t.equal(readLog('Nov 31 25:61:61 mx postfix/smtp[1]: x\nFoo  6 09:05:07 mx postfix/smtp[1]: y\n').length, 0);
});

t.test("another MTA's events, as JSON", async (t) => {
  const events = [
    { event: 'arrived', at: '2026-11-26T10:00:00Z', queueId: 'q1', sender: 'a@acme.example', messageId: '<m>' },
    {
      event: 'delivery',
      at: 1_700_000_000_000,
      queueId: 'q1',
      fate: 'bounced',
      recipient: 'x@one.example',
      status: '5.1.1',
    },
    { event: 'removed', at: 1_700_000_000_000, queueId: 'q1' },
    { event: 'delivery', at: 1, queueId: 'q1', fate: 'flown', recipient: 'x@one.example' },
  ];
  const outcomes = readLog(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  t.equal(outcomes.length, 1);
  t.match(outcomes[0], { sender: 'a@acme.example', message: { messageId: '<m>' }, outcome: { action: 'failed' } });
});

t.test('however a log is cut into chunks, it says the same', async (t) => {
  const whole = ['amavis.log', 'plain-short-ids.log', 'exim.log'].map(fixture).join('');
  const expected = JSON.stringify(readLog(whole));
  for (const chunk of [1, 7, 100, 65_536]) t.equal(JSON.stringify(readLog(whole, chunk)), expected);
  t.equal(JSON.stringify(readLog(whole.replaceAll('\n', '\r\n'))), expected);
});

t.test('lines in any order, twice, cut and mangled: nothing throws, and no delivery is lost or invented', async () => {
  const lines = ['amavis.log', 'plain-short-ids.log'].flatMap((name) => fixture(name).trim().split('\n'));
  fc.assert(
    fc.property(fc.array(fc.nat(lines.length - 1), { maxLength: 80 }), (order) => {
      const text = order.map((index) => `${lines[index]}\n`);
      const told = text.filter((line) => /status=(bounced|deferred) /.test(line)).length;
      const outcomes = readLog(text.join(''));
      const failed = outcomes.filter(({ fate }) => fate === 'bounced' || fate === 'deferred').length;
      return failed === told;
    }),
    { numRuns: 300 },
  );
  fc.assert(
    fc.property(fc.nat(lines.length - 1), fc.nat(400), fc.string(), (index, at, put) => {
      const line = lines[index] ?? '';
      readLog(`${line.slice(0, at)}${put}${line.slice(at)}\n${line.slice(0, at)}\n`);
    }),
    { numRuns: 2000 },
  );
});

t.test('memory is bounded, whatever is never finished', async (t) => {
  const files = new QueueFiles({ files: 100, waiting: 50, held: 20 });
  const log = new RelayLog(logFormat('auto'), { files: 100, waiting: 50, held: 20 });
  let outcomes = 0;
  for (let i = 0; i < 5000; i += 1) {
    const id = `A${i.toString(16).padStart(8, '0').toUpperCase()}`;
    const where = { at: WRITTEN, host: 'mx', queueId: id };
    files.feed({
      ...where,
      event: 'arrived',
      first: true,
      sender: '',
      messageId: '<same>',
      previousId: null,
      local: true,
    });
    outcomes += log.line(`2026-11-26T10:00:00Z mx postfix/cleanup[1]: ${id}: message-id=<same>`, WRITTEN).length;
    outcomes += log.line(
      `2026-11-26T10:00:00Z mx postfix/smtp[1]: ${id}: to=<x${i}@one.example>, relay=none, delay=1, dsn=4.4.1, status=deferred (no)`,
      WRITTEN,
    ).length;
  }
  t.ok(files.size <= 101);
  t.equal(outcomes + log.end().length, 5000, 'what is forgotten costs a chain, never a delivery');
});
