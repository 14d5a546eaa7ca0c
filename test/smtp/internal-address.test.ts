import t from 'tap';
import { addressOfInternalForm } from '../../src/smtp/internal-address.js';
import { parseAddress } from '../../src/smtp/path.js';
import fc from '../support/property.js';

t.test('quotes come back where they are needed', async (t) => {
  for (const [internal, spelling] of [
    ['b@example.net', 'b@example.net'],
    ['B+Tag@Example.NET', 'B+Tag@Example.NET'],
    ['a b@example.com', '"a b"@example.com'],
    ['x "y@example.com', '"x \\"y"@example.com'],
    ['back\\slash@example.com', '"back\\\\slash"@example.com'],
    ['a@b@example.com', '"a@b"@example.com'],
    ['a+b@[127.0.0.1]', 'a+b@[127.0.0.1]'],
    ['user%example.org@example.com', 'user%example.org@example.com'],
    ['postmaster', 'postmaster'],
    ['bücher@example.com', 'bücher@example.com'],
  ] as const) {
    t.equal(addressOfInternalForm(internal)?.spelling, spelling, internal);
  }
});

t.test('what SMTP could not spell', async (t) => {
  for (const text of [
    '',
    'bob',
    '@',
    'a@',
    'a@b c',
    'a@b> SIZE=1',
    'a\rb@example.com',
    'a\0@example.com',
    'a@-',
    'a@b@',
  ]) {
    const address = addressOfInternalForm(text);
    t.ok(address === null || parseAddress(`<${address.spelling}>`) !== null, JSON.stringify(text));
  }
  t.equal(addressOfInternalForm('bob'), null);
  t.equal(addressOfInternalForm('a@b> SIZE=1'), null);
  t.equal(addressOfInternalForm('a\rb@example.com'), null);
});

t.test('any address has the same key by both its forms', async () => {
  const local = fc
    .string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 })
    .filter((text) => /^[\x20-\x7e]+$/.test(text));
  fc.assert(
    fc.property(local, (local) => {
      const quoted = parseAddress(`<"${local.replace(/["\\]/g, '\\$&')}"@example.com>`);
      t.equal(addressOfInternalForm(`${local}@example.com`)?.key, quoted?.key);
    }),
  );
});
