// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are the config's own placeholders

import t from 'tap';
import { stringify } from 'yaml';
import { closest } from '../../src/config/closest.js';
import { formatErrors, formatPath } from '../../src/config/config-error.js';
import { configJsonSchema, type JsonSchema } from '../../src/config/json-schema.js';
import { parseConfig } from '../../src/config/load.js';
import fc from '../support/property.js';

const AROUND = { env: { A: 'a' }, directory: '/nonexistent' };

function parsed(text: string) {
  const loaded = parseConfig('sluice.yaml', text, AROUND);
  if (loaded.ok) return;
  const lines = text.split('\n').length;
  if (loaded.errors.length === 0) throw new Error('refused without a reason');
  for (const { line, column, found, expected } of loaded.errors) {
    if (line === null || column === null || line < 1 || line > lines + 1 || column < 1)
      throw new Error(`at ${line}:${column}`);
    if (found === '' || expected === '') throw new Error('an error that says nothing');
  }
  const shown = formatErrors(loaded.errors);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
  if (/[\x00-\x09\x0b-\x1f\x7f]/.test(shown)) throw new Error('control characters on the terminal');
  if (shown.split('\n').length !== loaded.errors.length + 1) throw new Error('not one line an error');
}

t.test('any text gives a config or errors, never an exception', async () => {
  const token = fc.constantFrom(
    'mode',
    'listen',
    'relay',
    ':',
    ': ',
    '- ',
    '\n',
    '\n  ',
    '[',
    ']',
    '{',
    '}',
    '&a',
    '*a',
    '"',
    "'",
    '|',
    '>',
    '#',
    '!t',
    '${env:A}',
    '${',
    '}',
    '%',
    '@',
    '\t',
    '---',
    '? ',
    'null',
    '~',
    '.nan',
    '0x1',
    '1e999',
    '\u0000',
    '\u001b[31m',
    '\ufeff',
    '__proto__',
    '<<',
    'constructor',
  );
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), parsed), { numRuns: 300 });
  fc.assert(
    fc.property(
      fc.array(token, { maxLength: 40 }).map((tokens) => tokens.join('')),
      parsed,
    ),
    { numRuns: 1000 },
  );
});

t.test('any values under the right keys', async () => {
  const sections = Object.keys(configJsonSchema().properties ?? {});
  const keys = fc.oneof(fc.constantFrom(...allKeys(configJsonSchema())), fc.string({ maxLength: 5 }));
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom<unknown>(
        null,
        true,
        0,
        -1,
        1.5,
        '5m',
        '127.0.0.1:25',
        'off',
        'x',
        '[::1]:1',
        'unix:/x',
        '10.0.0.0/8',
        '1/1h',
        '',
      ),
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(keys, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const config = fc.dictionary(fc.constantFrom(...sections), value, { maxKeys: 5 });
  fc.assert(
    fc.property(config, (config) => parsed(stringify(config))),
    { numRuns: 500 },
  );
});

t.test('deep nesting, wide aliases and huge lines end soon', async (t) => {
  parsed('['.repeat(50_000));
  parsed(`a: ${'{a: '.repeat(5_000)}`);
  parsed(`${'- '.repeat(5_000)}x`);
  const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
  for (let i = 1; i < 9; i += 1) bomb.push(`a${i}: &a${i} [${`*a${i - 1}, `.repeat(10)}]`);
  parsed(bomb.join('\n'));
  parsed(`hostname: ${'x'.repeat(1_000_000)}`);
  parsed(`plans: {${Array.from({ length: 5_000 }, (_, i) => `p${i}: {mod: off}`).join(', ')}}`);
  t.pass('all were refused or taken');
});

t.test('the nearest word is suggested, and nothing far-fetched', async (t) => {
  const words = ['maxSessions', 'greetingDelay', 'auth', 'tls'];
  t.equal(closest('maxSesions', words), 'maxSessions');
  t.equal(closest('MAXSESSIONS', words), 'maxSessions');
  t.equal(closest('atuh', words), 'auth');
  t.equal(closest('ssl', ['tls']), null);
  t.equal(closest('zzzz', words), null);
  t.equal(closest('x'.repeat(10_000), words), null);
  fc.assert(
    fc.property(fc.string(), fc.array(fc.string()), (word, candidates) => {
      const found = closest(word, candidates);
      return found === null || candidates.includes(found);
    }),
  );
  fc.assert(
    fc.property(fc.string({ minLength: 4, maxLength: 50 }), fc.nat(), (word, at) => {
      const i = at % word.length;
      return closest(word.slice(0, i) + word.slice(i + 1), [word]) === word;
    }),
  );
});

t.test('key paths read as they are written', async (t) => {
  t.equal(formatPath([]), '');
  t.equal(formatPath(['listen', 0, 'tls']), 'listen[0].tls');
  t.equal(formatPath(['rules', 'volume.messages', 'limits', 1]), 'rules.volume.messages.limits[1]');
  t.equal(
    formatPath(['accounts', 'identify', 0, 'address', '10.0.0.0/8']),
    'accounts.identify[0].address["10.0.0.0/8"]',
  );
});

function allKeys(schema: JsonSchema): readonly string[] {
  const below = [...Object.values(schema.properties ?? {}), ...(schema.items === undefined ? [] : [schema.items])];
  if (typeof schema.additionalProperties === 'object') below.push(schema.additionalProperties);
  return [...new Set([...Object.keys(schema.properties ?? {}), ...below.flatMap(allKeys)])];
}
