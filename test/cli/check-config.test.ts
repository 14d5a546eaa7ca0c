import t from 'tap';
import { inProcess } from './in-process.js';
import { CONFIG } from './sluice.js';

t.test('a valid config, and what it is with every default', async (t) => {
  const sluice = await inProcess(t);
  t.match(await sluice.ask(['check-config']), { code: 0, answer: { valid: true, errors: [] } });
  const { code, stdout } = await sluice.run(['check-config', 'sluice.yaml', '--print-effective']);
  t.equal(code, 0);
  t.match(stdout, /^ +limits:$\n^ +- 10\/1h$/m);
  await sluice.write('effective.yaml', stdout);
  t.equal((await sluice.run(['check-config', 'effective.yaml'])).code, 0, 'it is a config itself');
});

t.test('all errors at once, each in a line with its place', async (t) => {
  const sluice = await inProcess(t, CONFIG.replace('10/1h', 'many').replace('accounts:', 'acounts:'));
  const { code, stdout, stderr } = await sluice.run(['check-config']);
  t.equal(code, 3);
  t.equal(stdout, '');
  t.match(stderr, /^sluice\.yaml:10:1 .*acounts.*did you mean accounts/m);
  t.match(stderr, /^sluice\.yaml:21:\d+ plans\.small\.rules.*many/m);
  const other = await sluice.run(['usage', 'acme']);
  t.equal(other.code, 3);
  t.match(other.stderr, /^(sluice: sluice\.yaml:[^\n]+\n){2}$/, 'other commands say the same');
  const { answer } = await sluice.ask(['check-config']);
  t.match(answer, { valid: false, errors: [{ line: 10 }, { line: 21 }] });
});

t.test('the config is named as for the other commands, too; two of them are one too many', async (t) => {
  const sluice = await inProcess(t);
  t.equal((await sluice.run(['check-config', '--config', 'sluice.yaml'])).code, 0);
  t.equal((await sluice.run(['check-config', 'other.yaml', '--config', 'sluice.yaml'])).code, 2);
  const twice = await sluice.run(['usage', 'acme', '--config', 'sluice.yaml', '--config', 'other.yaml']);
  t.equal(twice.code, 2);
  t.match(twice.stderr, 'sluice.yaml was named already');
});
