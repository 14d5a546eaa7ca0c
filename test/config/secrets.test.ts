// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are the config's own placeholders

import t from 'tap';
import { parse } from 'yaml';
import { formatErrors } from '../../src/config/config-error.js';
import { effectiveYaml } from '../../src/config/effective-yaml.js';
import { parseConfig } from '../../src/config/load.js';
import fc from '../support/property.js';
import { errorsOf, folderOf, load, makeCertificate } from './config-files.js';

const SECRET = 'hunter2-tr0ub4dor';

t.test('values come from the environment and from files', async (t) => {
  const yaml = `relay: {auth: {username: "\${env:NAME}", password: "\${file:secrets/relay}"}}
workers: \${env:WORKERS}
smtp:
  received: \${env:RECEIVED}
replies: {policyUrl: "https://\${env:NAME}.example/$\${x}"}
`;
  const env = { NAME: 'us', WORKERS: '3', RECEIVED: 'false' };
  const loaded = await load(t, yaml, { 'secrets/relay': `${SECRET}\n` }, env);
  t.ok(loaded.ok);
  if (!loaded.ok) return;
  const { relay, workers, smtp, replies } = loaded.config;
  t.same(relay.auth, { username: 'us', password: SECRET });
  t.equal(workers, 3);
  t.equal(smtp.received, false);
  t.equal(replies.policyUrl, 'https://us.example/${x}');
});

t.test('what is missing or misspelt is told at its place', async (t) => {
  const password = (value: string) => `relay:\n  auth: {username: us, password: "${value}"}\n`;
  const cases: readonly (readonly [value: string, error: RegExp])[] = [
    [
      '${env:NOPE}',
      /:2:34 relay\.auth\.password: found \$\{env:NOPE\}, expected the environment variable NOPE to be set/,
    ],
    ['${file:nope}', /:2:34 relay\.auth\.password: found nope: there is no such file, expected a readable file/],
    ['${file:.}', /which is no regular file/],
    ['${nope}', /found \$\{nope\}, expected \$\{env:NAME\} or \$\{file:path\}/],
    ['${env:A B}', /expected \$\{env:NAME\}/],
    ['a${env:NOPE', /expected \$\{env:NAME\}/],
  ];
  for (const [value, error] of cases) {
    const found = await errorsOf(t, password(value));
    t.equal(found.length, 1, found.join('\n'));
    t.match(found[0], error);
  }
});

t.test('a secret is in no error text, wherever it was put', async (t) => {
  const env = { SECRET };
  const files = {
    secret: SECRET,
    'users.txt': `anna:${SECRET}\n${SECRET.replace(':', '')}x\n`,
    'more.yaml': 'a: {plan: "${env:SECRET}"}',
  };
  const misplaced = [
    `relay: {auth: ${SECRET}}`,
    `relay: {auth: [${SECRET}]}`,
    `relay: {auth: {username: us, password: [${SECRET}]}}`,
    `relay: ${SECRET}`,
    `store: {redis: ${SECRET}}`,
    `store: {redis: {url: "redi://:${SECRET}@x"}}`,
    `store: {redis: {url: "redis://:${SECRET}@x", socket: /s}}`,
    `store: {redis: {url: "redis://a b:${SECRET}@["}}`,
    `accounts: {identify: [http: {url: "ftp://u:${SECRET}@x"}]}`,
    `accounts: {identify: [users: {file: users.txt}]}`,
    'accounts: {file: more.yaml}',
    'listen: [{name: a, address: "127.0.0.1:1", tls: implicit, certificate: {cert: "${env:SECRET}", key: "${file:secret}"}}]',
    `relay: {auth: {username: us, password: "${SECRET}}}`,
    `relay: {auth: {username: us, password: @${SECRET}}}`,
    `relay:\n auth: {username: us, password: ok}\n  ${SECRET}`,
    ...['mode', 'hostname', 'workers', 'shutdownTimeout', 'plans', 'rules', 'listen', 'store', 'relay'].map(
      (key) => `${key}: "\${env:SECRET}"`,
    ),
    'smtp: {maxMessageSize: "${file:secret}", bareNewline: "x${env:SECRET}"}',
    'relay: {hosts: ["${env:SECRET}"]}',
    'accounts: {identify: [users: {file: "${env:SECRET}"}]}',
    'accounts: {file: "${env:SECRET}"}',
    'accounts: {list: {a: {plan: "${env:SECRET}", language: "${env:SECRET}"}}}',
    'listen: [{name: "${env:SECRET}", address: "127.0.0.1:1"}, {name: "${env:SECRET}", address: "127.0.0.1:2"}]',
    'relay: {hosts: ["${env:SECRET}:1", "${env:SECRET}:1"]}',
  ];
  for (const yaml of misplaced) {
    const errors = await errorsOf(t, yaml, files, env);
    if (yaml !== 'hostname: "${env:SECRET}"') t.ok(errors.length > 0, yaml);
    t.notMatch(errors.join('\n'), SECRET, yaml);
  }
});

t.test('the effective config shows where secrets come from, never what they are', async (t) => {
  const { cert, key } = makeCertificate('a.example');
  const yaml = `
listen: [{name: a, address: "127.0.0.1:1", tls: implicit, certificate: {cert: cert.pem, key: "\${file:key.pem}"}}]
relay: {auth: {username: us, password: ${SECRET}}, tls: {mode: verify}}
store:
  redis:
    url: "redis://me:${SECRET}@redis.example:6379/3"
    password: "\${env:SECRET}"
accounts:
  identify: [{http: {url: "https://x.example/auth?token=${SECRET}"}}]
  file: more.yaml
rules: {volume.recipients: {mode: observe}}
`;
  const files = { 'cert.pem': cert, 'key.pem': key, 'more.yaml': 'acme: {senders: [acme.example]}' };
  const loaded = await load(t, yaml, files, { SECRET });
  t.ok(loaded.ok, loaded.ok ? '' : formatErrors(loaded.errors));
  if (!loaded.ok) return;
  const text = effectiveYaml(loaded.config, loaded.source);
  t.notMatch(text, SECRET);
  t.notMatch(text, 'BEGIN');
  t.match(parse(text), {
    listen: [{ certificate: { cert: 'cert.pem', key: '${file:key.pem}' } }],
    relay: { auth: { username: 'us', password: '********' } },
    store: {
      redis: { url: 'redis://me:********@redis.example:6379/3', password: '${env:SECRET}' },
      callTimeout: '500ms',
    },
    accounts: { list: { acme: { plan: 'default', senders: ['acme.example'] } } },
    rules: { 'volume.recipients': { mode: 'observe' }, 'recipient.rejections': { count: 3, longerThan: '15d' } },
  });
  const folder = folderOf(t, { 'cert.pem': cert, 'key.pem': key });
  const again = parseConfig('effective', text, { env: { SECRET }, directory: folder });
  t.ok(again.ok, again.ok ? '' : formatErrors(again.errors));
});

t.test('any text survives being shown and loaded again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ minLength: 1 }), async (servername) => {
      const yaml = JSON.stringify({ relay: { tls: { servername: servername.replaceAll('${', () => '$${') } } });
      const loaded = parseConfig('a', yaml, { env: {}, directory: '/' });
      if (!loaded.ok) throw new Error(formatErrors(loaded.errors));
      const again = parseConfig('b', effectiveYaml(loaded.config, loaded.source), { env: {}, directory: '/' });
      if (!again.ok) throw new Error(formatErrors(again.errors));
      return again.config.relay.tls.servername === servername;
    }),
    { numRuns: 60 },
  );
});
