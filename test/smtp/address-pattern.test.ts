import t from 'tap';
import type { Address } from '../../src/smtp/address.js';
import { matchesAnyPattern, matchesPattern, parsePattern } from '../../src/smtp/address-pattern.js';
import { parseAddress } from '../../src/smtp/path.js';
import fc from '../support/property.js';

function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(text);
  return parsed;
}

t.test('what a pattern matches', async (t) => {
  const cases: [pattern: string, text: string, matches: boolean][] = [
    ['a@example.com', 'A@EXAMPLE.com', true],
    ['a@example.com', '"a"@example.com', true],
    ['a@example.com', 'b@example.com', false],
    ['a@example.com', 'a+x@example.com', false],
    ['example.com', 'any@example.com', true],
    ['Example.COM', 'any@example.com', true],
    ['example.com', 'any@sub.example.com', false],
    ['example.com', 'any@notexample.com', false],
    ['*.example.com', 'any@sub.example.com', true],
    ['*.example.com', 'any@a.b.example.com', true],
    ['*.example.com', 'any@example.com', false],
    ['*.example.com', 'any@badexample.com', false],
    ['bücher.example', 'any@xn--bcher-kva.example', true],
    ['*.bücher.example', 'any@mail.xn--bcher-kva.example', true],
    ['[192.0.2.1]', 'any@[192.0.2.1]', true],
    ['not a pattern', 'any@example.com', false],
  ];
  for (const [pattern, text, matches] of cases)
    t.equal(matchesPattern(address(text), pattern), matches, `${pattern} ${text}`);
});

t.test('a list matches when one of it does', async (t) => {
  const list = ['a@example.com', 'example.org', '*.example.net'];
  for (const text of ['a@example.com', 'x@example.org', 'x@y.example.net'])
    t.ok(matchesAnyPattern(address(text), list), text);
  for (const text of ['b@example.com', 'x@y.example.org', 'x@example.net'])
    t.notOk(matchesAnyPattern(address(text), list), text);
  t.notOk(matchesAnyPattern(address('a@example.com'), []), 'an empty list allows nothing');
});

t.test('errors name the pattern', async (t) => {
  for (const text of [
    '',
    '*',
    '*.',
    'a@',
    '@example.com',
    '*@example.com x',
    'a b',
    '**.example.com',
    '*.[192.0.2.1]',
    '<a@example.com>',
  ]) {
    const result = parsePattern(text);
    if (result.ok) t.fail(`${text} was taken`);
    else t.match(result.reason, JSON.stringify(text));
  }
});

t.test('an address matches itself, its domain and its parent, and hostile patterns never throw', async () => {
  const label = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  fc.assert(
    fc.property(label, fc.array(label, { minLength: 2, maxLength: 4 }), (local, labels) => {
      const domain = labels.join('.');
      const one = address(`${local}@${domain}`);
      return (
        matchesPattern(one, one.key) &&
        matchesPattern(one, domain) &&
        matchesPattern(one, `*.${labels.slice(1).join('.')}`) &&
        !matchesPattern(one, `*.${domain}`)
      );
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      matchesPattern(address('a@example.com'), text);
    }),
  );
});
