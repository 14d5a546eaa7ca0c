import { deepStrictEqual, equal, match } from 'node:assert/strict';
import t from 'tap';
import { libraryReply } from '../../src/door/smtp/library-reply.js';
import fc from '../support/property.js';

t.test('a status of its own stays, others get the generic one', async (t) => {
  t.equal(libraryReply(538, ['5.7.11 Issue STARTTLS'], '5.5.0'), '538 5.7.11 Issue STARTTLS\r\n');
  t.equal(libraryReply(500, ['What?'], '5.5.1'), '500 5.5.1 What?\r\n');
  t.equal(libraryReply(500, [''], '5.5.1'), '500 5.5.1 \r\n');
  t.equal(libraryReply(250, ['mx', 'SIZE 1'], ''), '250-mx\r\n250 SIZE 1\r\n');
  t.equal(libraryReply(250, ['2.1.0 a', 'b'], '2.0.0'), '250-2.1.0 a\r\n250 2.0.0 b\r\n', 'line by line');
});

t.test('no text makes another line or another reply', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom('\r', '\n', '\0', '\x7f', '2.0.0 ', '250 ', 'a'), { maxLength: 8 })
      .map((all) => all.join('')),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 599 }),
      fc.array(text, { minLength: 1, maxLength: 5 }),
      fc.constantFrom('', '5.5.1'),
      (code, lines, generic) => {
        const wire = libraryReply(code, lines, generic).split('\r\n');
        equal(wire.pop(), '');
        deepStrictEqual(
          wire.map((line) => line.slice(0, 4)),
          lines.map((_, index) => `${code}${index < lines.length - 1 ? '-' : ' '}`),
        );
        // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
        for (const line of wire) match(line, /^[^\x00-\x1f\x7f]*$/);
      },
    ),
  );
});
