import t from 'tap';
import { decodeXtext, encodeXtext } from '../../src/smtp/xtext.js';
import fc from '../support/property.js';

t.test('the examples of RFC 3461 and RFC 4954', async (t) => {
  t.equal(encodeXtext('e=mc2@example.com'), 'e+3Dmc2@example.com');
  t.equal(decodeXtext('e+3Dmc2@example.com'), 'e=mc2@example.com');
  t.equal(decodeXtext(''), '');
});

t.test('what is not xtext', async (t) => {
  for (const text of ['a b', 'a=b', '+', '+4', '+4g', '+0a', 'a\n', 'ü', '+ZZ']) t.equal(decodeXtext(text), null, text);
});

t.test('octets that are not UTF-8 read as Latin-1', async (t) => {
  t.equal(decodeXtext('+FC'), '\u00fc');
  t.equal(decodeXtext('+C3+BC'), '\u00fc');
});

t.test('any text comes back', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const encoded = encodeXtext(text);
      return /^[\x21-\x7e]*$/.test(encoded) && decodeXtext(encoded) === text;
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      decodeXtext(text);
    }),
  );
});
