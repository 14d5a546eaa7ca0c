import t from 'tap';
import { mail } from '../message/mails.js';
import { inProcess } from './in-process.js';

t.test('sluice inspect', async (t) => {
  const sluice = await inProcess(t, 'no: config\n');
  const markup = mail({ html: '<p>Hi bob@example.net</p><a href="https://acme.example/u">Unsubscribe</a>' }).toString();
  await sluice.write('first.eml', markup);
  await sluice.write('second.eml', 'not a message at all');

  await t.test('prints one JSON document a line, without config and store', async (t) => {
    const { code, stdout } = await sluice.run([
      'inspect',
      '--json',
      'first.eml',
      'second.eml',
      '--to',
      'bob@example.net',
    ]);
    t.equal(code, 0);
    const [one, other] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    t.match(one, {
      file: 'first.eml',
      kind: 'ordinary',
      visibleText: 'Hi bob@example.net\n\nUnsubscribe',
      links: [{ url: 'https://acme.example/u', text: 'Unsubscribe' }],
      unsubscribe: { found: true, means: [{ kind: 'link', problem: null }] },
      recipients: [{ address: 'bob@example.net', visible: true, sightings: ['to', 'text'] }],
      fingerprints: [{ of: 'html' }],
    });
    t.match(other, { file: 'second.eml', header: { fields: [], defects: [{ kind: 'no-colon' }, { kind: 'no-end' }] } });
  });

  await t.test('says it to a person, of standard input too', async (t) => {
    const { code, stdout } = await sluice.run(['inspect', '-', '--to', 'ann@example.net'], markup);
    t.equal(code, 0);
    t.match(stdout, /ann@example\.net: not visible \(nowhere\)/);
    t.match(stdout, /link \(1\) https:\/\/acme\.example\/u/);
    t.match(stdout, /message\.revocation-notice {2}nothing says how soon/);
  });

  await t.test('takes words of another language', async (t) => {
    await sluice.write('eo.json', '{"language": "eo", "unsubscribe": ["malabon*"]}');
    await sluice.write('eo.eml', mail({ html: '<a href="https://acme.example/x">Malaboni</a>' }).toString());
    const { stdout } = await sluice.run(['inspect', '--json', 'eo.eml', '--words', 'eo.json']);
    t.match(JSON.parse(stdout), { unsubscribe: { found: true } });
    await sluice.write('bad.json', '{"language": "eo", "unsubscribed": []}');
    const { code, stderr } = await sluice.run(['inspect', 'eo.eml', '--words', 'bad.json']);
    t.equal(code, 3);
    t.match(stderr, /bad\.json: .*unsubscribed/);
  });

  await t.test('goes on after a file that cannot be read', async (t) => {
    const { code, stdout, stderr } = await sluice.run(['inspect', '--json', 'none.eml', 'first.eml']);
    t.equal(code, 3);
    t.match(stderr, /none\.eml cannot be read/);
    t.equal(stdout.trim().split('\n').length, 1);
  });
});
