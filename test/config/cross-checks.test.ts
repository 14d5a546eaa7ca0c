// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are the config's own placeholders
import t from 'tap';
import { errorsOf, load, makeCertificate } from './config-files.js';

const ONE = makeCertificate('one.example');
const OTHER = makeCertificate('other.example');
const PEM = { 'cert.pem': ONE.cert, 'key.pem': ONE.key, 'other.pem': OTHER.key, 'text.pem': 'no PEM' };

const listener = (more: string) => `listen: [{name: a, address: "127.0.0.1:2525", ${more}}]\n`;

t.test('each contradiction is told once, where it stands', async (t) => {
  const cases: readonly (readonly [yaml: string, errors: readonly RegExp[]])[] = [
    [listener('tls: starttls'), [/:1:52 listen\[0\]\.tls: found `tls: starttls` without a certificate/]],
    [
      listener('auth: optional'),
      [/listen\[0\]\.auth: found `auth: optional` without TLS, expected .*authInClear: true/],
    ],
    [
      `${listener('auth: required, authInClear: true')}accounts: {identify: [address: {10.0.0.0/8: a}]}`,
      [/listen\[0\]\.auth: found `auth: required` and nothing that knows a password/],
    ],
    [
      'plans: {a: {notices: {webhook: {url: "https://acme.example/", key: short}}}}',
      [/plans\.a\.notices\.webhook\.key: found a key of 5 characters, expected at least 16/],
    ],
    [listener('certificate: {cert: cert.pem, key: key.pem}'), [/certificate: found certificate where TLS is off/]],
    [listener('clientCertificates: {ca: cert.pem}'), [/clientCertificates where TLS is off/]],
    [
      listener('tls: implicit, certificate: {cert: none.pem, key: key.pem}'),
      [/certificate\.cert: found none\.pem: there is no such file/],
    ],
    [
      listener('tls: implicit, certificate: {cert: cert.pem, key: other.pem}'),
      [/certificate\.key: found another certificate's key/],
    ],
    [
      listener('tls: implicit, certificate: {cert: text.pem, key: cert.pem}'),
      [/certificate\.cert: found text\.pem, which holds no PEM/, /certificate\.key: found PEM that is no private key/],
    ],
    [
      'listen:\n  - {name: a, address: "127.0.0.1:25"}\n  - {name: a, address: "0.0.0.0:25"}\n',
      [
        /:3:12 listen\[1\]\.name: found "a", taken by line 2/,
        /:3:24 listen\[1\]\.address: found 0\.0\.0\.0:25, taken by line 2/,
      ],
    ],
    ['listen: []', [/listen: found no listener, expected at least one/]],
    [
      'milter: {listen: [{name: a, address: "127.0.0.1:1", mode: "0660"}]}',
      [/milter\.listen\[0\]\.mode: found mode of a TCP port/],
    ],
    [
      'milter: {listen: [{name: a, address: "unix:/m", mode: 660}]}',
      [/milter\.listen\[0\]\.mode: found 660, expected permissions in octal digits and in quotes, such as "0660"/],
    ],
    [
      `${listener('tls: off')}milter: {listen: [{name: a, address: "127.0.0.1:2525"}]}`,
      [
        /milter\.listen\[0\]\.name: found "a", taken/,
        /milter\.listen\[0\]\.address: found 127\.0\.0\.1:2525, taken by line 1/,
      ],
    ],
    [
      'accounts: {identify: [mta: {}, daemon: {MSA: a}]}',
      [
        /identify\[0\]\.mta: found no listener that an MTA asks/,
        /identify\[1\]\.daemon: found no listener that an MTA/,
      ],
    ],
    ['listen: [{name: a, address: "127.0.0.1:8025"}]', [/http\.address: found 127\.0\.0\.1:8025, taken by line 1/]],
    [
      `${listener('tls: off')}relay: {hosts: ["127.0.0.1:2525"]}`,
      [/relay\.hosts\[0\]: found our own listener of line 1/],
    ],
    ['relay: {hosts: ["a:25", "a:25", "b:0"]}', [/hosts\[1\]: found a:25 again/, /hosts\[2\]: found port 0/]],
    [
      'relay: {pool: {limit: 3, maxIdle: 4}}',
      [/relay\.pool\.maxIdle: found 4, expected at most relay\.pool\.limit, 3/],
    ],
    ['relay: {tls: {mode: off, implicit: true}}', [/relay\.tls\.implicit: found/]],
    ['relay: {tls: {ca: text.pem}}', [/relay\.tls\.ca: found text\.pem, which holds no PEM/]],
    ['relay: {tls: {ca: key.pem}}', [/relay\.tls\.ca: found PEM that is no certificate/]],
    ['store: {embedded: {}, redis: {url: "redis://x"}}', [/:1:9 store\.embedded: found embedded and redis/]],
    ['store: {redis: {}}', [/store\.redis: found no address of the Redis, expected exactly one of url, socket,/]],
    ['store: {redis: {url: "redis://x", socket: /s}}', [/store\.redis: found url and socket, expected exactly one/]],
    ['store: {redis: {url: "redis://x", database: 1}}', [/store\.redis\.database: found database beside url/]],
    ['store: {redis: {socket: /s, tls: {cert: cert.pem}}}', [/tls\.cert: found cert without key/]],
    [
      'accounts: {identify: [certificate: {a@b.example: a}]}',
      [/certificate: found no listener that asks for certificates/],
    ],
    ['accounts: {identify: [xclient: {}]}', [/xclient: found no listener that believes XCLIENT/]],
    [
      'accounts: {list: {a: {language: de}}}',
      [/language: found the language "de", expected one of replies\.texts, which is empty/],
    ],
    ['accounts: {identify: [users: {file: none}]}', [/users\.file: found none: there is no such file/]],
    ['accounts: {identify: [users: {file: text.pem}]}', [/^text\.pem:1:1: found no colon, expected username:hash/]],
    ['replies: {texts: {en: {volume.recipients: {overr: x}}}}', [/overr: found an unknown key/]],
    ['replies: {texts: {en: {recipient.supressed: {}}}}', [/did you mean recipient\.suppressed\?/]],
  ];
  for (const [yaml, errors] of cases) {
    const found = await errorsOf(t, yaml, PEM);
    t.equal(found.length, errors.length, `${yaml}\n${found.join('\n')}`);
    for (const [index, error] of errors.entries()) t.match(found[index], error, yaml);
  }
});

t.test('one wrong key makes no others look wrong', async (t) => {
  const yaml = `listen:
  - {name: a, address: "127.0.0.1:2525", tls: implicit, certificate: {crt: cert.pem, key: key.pem}}
plans: 3
replies: {texts: 4}
accounts: {list: {acme: {plan: premium, language: de}}}
`;
  const found = await errorsOf(t, yaml, PEM);
  t.equal(found.length, 4, found.join('\n'));
});

t.test('PEM files are read, relative to the config', async (t) => {
  const yaml = `${listener('tls: starttls, certificate: {cert: cert.pem, key: "${file:key.pem}"}')}`;
  const loaded = await load(t, yaml, PEM);
  t.ok(loaded.ok);
  if (!loaded.ok) return;
  t.equal(loaded.config.listen[0]?.certificate?.cert, ONE.cert);
  t.equal(loaded.config.listen[0]?.certificate?.key, ONE.key.trimEnd());
});

t.test('what does not contradict is taken', async (t) => {
  const fine = [
    'listen: [{name: a, address: "127.0.0.1:0"}, {name: b, address: "127.0.0.1:0"}]',
    'listen: [{name: a, address: "10.0.0.1:25"}, {name: b, address: "10.0.0.2:25"}]',
    `${listener('auth: required, authInClear: true')}`,
    'accounts: {list: {a: {plan: default, language: en}}}',
    'milter: {listen: [{name: a, address: "unix:/m", mode: "0660"}]}\naccounts: {identify: [mta: {}, certificate: {CN=a: a}]}',
    'rules: {volume.connections: {clientConcurrent: null}}',
    'relay: {hosts: ["127.0.0.1:2526"]}',
  ];
  for (const yaml of fine) t.same(await errorsOf(t, yaml), [], yaml);
});
