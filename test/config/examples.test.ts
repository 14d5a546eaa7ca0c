import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { hashPassword } from '../../src/account/password.js';
import { formatErrors } from '../../src/config/config-error.js';
import { configPage } from '../../src/config/docs.js';
import { effectiveYaml } from '../../src/config/effective-yaml.js';
import { configJsonSchema, configJsonSchemaText } from '../../src/config/json-schema.js';
import { parseConfig } from '../../src/config/load.js';
import { folderOf, makeCertificate } from './config-files.js';

const CONFIGS = [
  ...readdirSync('config').map((name) => `config/${name}`),
  ...readdirSync('config/examples').map((name) => `config/examples/${name}`),
].filter((path) => path.endsWith('.yaml'));

t.test('every example loads, and so does its effective form', async (t) => {
  const { cert, key } = makeCertificate('smtp.example.net');
  const directory = folderOf(t, {
    'tls/fullchain.pem': cert,
    'tls/privkey.pem': key,
    'users.txt': `anna:${await hashPassword('secret')}:acme\n`,
    'relay-password': 'secret\n',
  });
  const env = { REDIS_PASSWORD: 'secret', SENTINEL_PASSWORD: 'secret' };
  t.ok(CONFIGS.length >= 7);
  for (const path of CONFIGS) {
    const loaded = parseConfig(path, readFileSync(path, 'utf8'), { env, directory });
    t.ok(loaded.ok, loaded.ok ? path : formatErrors(loaded.errors));
    if (!loaded.ok) continue;
    const again = parseConfig(path, effectiveYaml(loaded.config, loaded.source), { env, directory });
    t.ok(again.ok, again.ok ? path : formatErrors(again.errors));
  }
});

t.test('the commented lines of config/sluice.yaml are right, too', async (t) => {
  const { cert, key } = makeCertificate('smtp.example.net');
  const directory = folderOf(t, { 'cert.pem': cert, 'key.pem': key });
  const text = readFileSync('config/sluice.yaml', 'utf8')
    .replace(/^( *)# (?=[a-z]\w*:(?: |$))/gm, '$1')
    .replace(/^( *)# {3}(?=[a-z]\w*:(?: |$))/gm, '$1  ')
    .replaceAll('/etc/sluice/tls/fullchain.pem', 'cert.pem')
    .replaceAll('/etc/sluice/tls/privkey.pem', 'key.pem')
    .replace(/^ {2}embedded:\n.*\n/m, '');
  const loaded = parseConfig('sluice.yaml', text, { env: { REDIS_PASSWORD: 'secret' }, directory });
  t.ok(loaded.ok, loaded.ok ? '' : formatErrors(loaded.errors));
  if (!loaded.ok) return;
  t.match(loaded.config, {
    listen: [{ tls: 'starttls' }],
    replies: { policyUrl: 'https://example.net/policy#{rule}' },
  });
  t.equal(loaded.config.store.redis?.password, 'secret');
});

t.test('the JSON Schema for editors is that of the code', async (t) => {
  t.equal(readFileSync('config/sluice.schema.json', 'utf8'), configJsonSchemaText(), 'run `npm run docs`');
});

t.test('every key is described', async (t) => {
  const silent: string[] = [];
  const visit = (schema: ReturnType<typeof configJsonSchema>, path: string): void => {
    for (const [key, child] of Object.entries(schema.properties ?? {})) {
      const where = `${path}${key}`;
      if (where.includes('texts.')) continue;
      if (!child.description?.endsWith('.') && !child.description?.endsWith('`.')) silent.push(where);
      visit(child, `${where}.`);
      if (child.items !== undefined) visit(child.items, `${where}[].`);
      if (typeof child.additionalProperties === 'object') visit(child.additionalProperties, `${where}.NAME.`);
    }
  };
  visit(configJsonSchema(), '');
  t.same(silent, []);
});

t.test('docs/config.md has every section, and no cell that is broken', async (t) => {
  const page = configPage();
  for (const key of Object.keys(configJsonSchema().properties ?? {})) t.match(page, `## ${key}\n`);
  for (const row of page.split('\n').filter((line) => line.startsWith('|'))) {
    t.equal(row.split(/(?<!\\)\|/).length, 6, row);
  }
  t.match(page, '| `pool.limit` | whole number from 1 to 10000 | `50` |');
});
