import { hostname } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { loadConfig } from '../../src/config/load.js';
import { errorsOf, folderOf, load } from './config-files.js';

t.test('an empty file is a config: every key has a default', async (t) => {
  for (const yaml of ['', '# nothing\n', '{}', '---\n', 'relay:\nstore:\n']) {
    const loaded = await load(t, yaml);
    t.ok(loaded.ok, JSON.stringify(yaml));
    if (!loaded.ok) return;
    const { mode, relay, smtp, decisions, listen } = loaded.config;
    t.match(
      { mode, relay, smtp, decisions, listen },
      {
        mode: 'enforce',
        listen: [{ address: { host: '127.0.0.1', port: 2525 }, auth: 'off', greetingDelay: 0 }],
        relay: { hosts: [{ host: '127.0.0.1', port: 10025 }], timeouts: { finalDot: 600_000 } },
        smtp: { maxMessageSize: 50 * 1024 ** 2, inspectWindow: 256 * 1024 },
        decisions: { keep: 30 * 86_400_000, passes: 1 },
      },
    );
  }
  t.ok(hostname().length > 0);
});

t.test('durations, sizes, rates and addresses become numbers and parts', async (t) => {
  const loaded = await load(
    t,
    `listen:
  - {name: a, address: "[2001:db8::1]:25"}
  - {name: b, address: "unix:/run/sluice.sock"}
  - {name: c, address: "mx.example.net:0"}
store: {callTimeout: 250ms}
smtp: {maxMessageSize: 1KiB, inspectWindow: 512}
rules: {volume.recipients: {limits: [5/10m, 100/1d]}}
`,
  );
  t.ok(loaded.ok);
  if (!loaded.ok) return;
  t.same(
    loaded.config.listen.map(({ address }) => address),
    [{ host: '2001:db8::1', port: 25 }, { path: '/run/sluice.sock' }, { host: 'mx.example.net', port: 0 }],
  );
  t.equal(loaded.config.store.callTimeout, 250);
  t.equal(loaded.config.smtp.inspectWindow, 512);
  t.same(loaded.config.rules, {
    'volume.recipients': {
      limits: [
        { count: 5, perMs: 600_000 },
        { count: 100, perMs: 86_400_000 },
      ],
    },
  });
});

t.test('every error at once, each at its place with what was found, expected and probably meant', async (t) => {
  const errors = await errorsOf(
    t,
    `mode: enforced
listen:
  - name: a
    address: 127.0.0.1
    maxSesions: 3
smtp:
  maxMessageSize: 50MB
  maxErors:
accounts:
  identify:
    - store: {}
      relay: {}
    - address: {"300.1.1.1": acme, 10.0.0.1/8: acme}
  list:
    acme: {plan: premum}
plans: {premium: {rules: {volume.recipient: {limits: [5/1h]}, volume.messages: {limits: [5/1h, x]}}}}
bareNewline: reject
workers: 0
`,
  );
  t.equal(errors.length, 13);
  const starts = [
    'sluice.yaml:1:7 mode: found "enforced", expected one of off, observe, enforce (did you mean enforce?)',
    'sluice.yaml:4:14 listen[0].address: found "127.0.0.1", expected host:port',
    'sluice.yaml:5:5 listen[0].maxSesions: found an unknown key, expected one of ',
    'sluice.yaml:7:19 smtp.maxMessageSize: found "50MB", expected a size such as',
    'sluice.yaml:8:3 smtp.maxErors: found an unknown key, expected one of ',
    'sluice.yaml:11:7 accounts.identify[0]: found a mapping (store, relay), expected exactly one of users, store,',
    'sluice.yaml:13:17 accounts.identify[1].address.300.1.1.1: found the key "300.1.1.1", expected an address or network',
    'sluice.yaml:13:36 accounts.identify[1].address["10.0.0.1/8"]: found the key "10.0.0.1/8", expected a network without host bits, 10.0.0.0/8',
    'sluice.yaml:15:18 accounts.list.acme.plan: found the plan "premum", expected one of plans: premium (did you mean premium?)',
    'sluice.yaml:16:27 plans.premium.rules.volume.recipient: found an unknown key, expected a known key',
    'sluice.yaml:16:96 plans.premium.rules.volume.messages.limits[1]: found "x", expected a rate such as',
    'sluice.yaml:17:1 bareNewline: found an unknown key, expected a known key',
  ];
  for (const [index, start] of starts.entries()) t.equal(errors[index]?.slice(0, start.length), start);
  for (const [index, meant] of [
    [2, 'maxSessions'],
    [4, 'maxErrors'],
    [9, 'volume.recipients'],
    [11, 'smtp.bareNewline'],
  ] as const) {
    t.ok(errors[index]?.endsWith(`(did you mean ${meant}?)`), meant);
  }
});

t.test('values of a wrong type', async (t) => {
  t.same(await errorsOf(t, 'workers: 0'), ['sluice.yaml:1:10 workers: found 0, expected at least 1']);
  t.same(await errorsOf(t, 'smtp: 3'), ['sluice.yaml:1:7 smtp: found 3, expected a mapping (key: value)']);
  t.same(await errorsOf(t, 'listen: {}'), ['sluice.yaml:1:9 listen: found an empty mapping, expected a list (- item)']);
  t.same(await errorsOf(t, 'smtp: {received: maybe}'), [
    'sluice.yaml:1:18 smtp.received: found "maybe", expected true or false',
  ]);
  t.same(await errorsOf(t, 'smtp: {maxErrors: 1.5}'), [
    'sluice.yaml:1:19 smtp.maxErrors: found 1.5, expected a whole number',
  ]);
  t.same(await errorsOf(t, '- a'), ['sluice.yaml:1:1: found a list, expected a mapping (key: value)']);
  t.same(await errorsOf(t, 'listen: [{name: a}]'), [
    'sluice.yaml:1:10 listen[0].address: found nothing, expected host:port, [IPv6 address]:port or unix:/path',
  ]);
});

/** Each line has ten times the values of the one before. */
const aliases = (count: number) =>
  Array.from({ length: count }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(10)}]`);

t.test('YAML that is broken is told in our words, at its place', async (t) => {
  const cases: readonly (readonly [yaml: string, error: RegExp])[] = [
    ['a: [1,\nb: 2', /^sluice\.yaml:2:1: found broken indentation/],
    ['\tmode: off', /^sluice\.yaml:1:1: found a tab/],
    ['mode: "off', /^sluice\.yaml:1:\d+: found a quote, bracket or brace that is not closed/],
    ['mode: off: on', /^sluice\.yaml:1:\d+: found a second colon on the line/],
    ['mode: off\n---\nmode: off', /^sluice\.yaml:2:1: found a second document/],
    ['mode: @x', /^sluice\.yaml:1:7: found a text that begins with a character that YAML keeps/],
    ['mode: !secret off', /^sluice\.yaml:1:\d+: found an unknown tag/],
    ['mode: off\nlog: {}\nmode: off', /^sluice\.yaml:3:1 mode: found the key a second time, after line 1/],
    ['? {a: 1}\n: 3', /^sluice\.yaml:1:3: found a key that is no text/],
    ['__proto__: {mode: off}', /^sluice\.yaml:1:1: found a key that is no text/],
    ['plans: &a {x: *a}', /found more than a config can hold/],
    // A hundred million values in a few lines.
    [['a0: &a0 [x]', ...aliases(8)].join('\n'), /found more than a config can hold/],
    ['relay: {hosts: *gone}', /^sluice\.yaml:1:16 relay\.hosts: found an alias of an anchor that is not there/],
  ];
  for (const [yaml, error] of cases) t.match((await errorsOf(t, yaml)).join('\n'), error, yaml);
});

t.test('a file that cannot be read', async (t) => {
  const folder = folderOf(t, {});
  for (const path of [join(folder, 'none.yaml'), folder]) {
    const loaded = await loadConfig(path);
    t.match(loaded, { ok: false, errors: [{ file: path, line: null, expected: 'a readable file' }] });
  }
});

t.test('anchors serve plans that are alike', async (t) => {
  const loaded = await load(
    t,
    'plans:\n  a: {rules: &same {volume.recipients: {limits: [5/1h]}}}\n  b: {rules: *same}\n',
  );
  t.ok(loaded.ok);
  if (loaded.ok) t.same(loaded.config.plans.a, loaded.config.plans.b);
});

t.test('an alias is of the latest anchor above it', async (t) => {
  const loaded = await load(t, 'accounts: {list: {a: {senders: [&x a.example, *x, &x b.example, *x]}}}\n');
  t.ok(loaded.ok);
  if (loaded.ok) {
    const { senders } = loaded.config.accounts.list.a ?? {};
    t.same(senders, ['a.example', 'a.example', 'b.example', 'b.example']);
  }
  t.match(await errorsOf(t, 'relay: {hosts: [*x, &x a]}'), [/an alias of an anchor that is not there/]);
});

t.test('accounts of a file join those of the list', async (t) => {
  const yaml = 'accounts: {file: more.yaml, list: {acme: {}}}\nplans: {premium: {}}\n';
  const loaded = await load(t, yaml, { 'more.yaml': 'beta: {plan: premium}\n' });
  t.ok(loaded.ok);
  if (loaded.ok) t.match(loaded.config.accounts.list, { acme: { plan: 'default' }, beta: { plan: 'premium' } });
  t.same(await errorsOf(t, yaml, { 'more.yaml': 'acme: {}\nbeta:\n  plan: premum\n  sender: [a]\n' }), [
    'more.yaml:1:1 acme: found the account again, after sluice.yaml:1, expected each account once',
    'more.yaml:3:9 beta.plan: found the plan "premum", expected one of plans: premium (did you mean premium?)',
    'more.yaml:4:3 beta.sender: found an unknown key, expected one of plan, senders, language, mode, rules, notices (did you mean senders?)',
  ]);
  t.match(await errorsOf(t, yaml), [/^sluice\.yaml:1:18 accounts\.file: found more\.yaml: there is no such file/]);
});
