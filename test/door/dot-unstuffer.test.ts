import t from 'tap';
import { DotUnstuffer } from '../../src/door/smtp/dot-unstuffer.js';
import fc from '../support/property.js';

function unstuff(...chunks: string[]): string {
  const unstuffer = new DotUnstuffer();
  return chunks.map((chunk) => unstuffer.unstuff(Buffer.from(chunk, 'latin1')).toString('latin1')).join('');
}

t.test('a dot at the start of a line comes off', async (t) => {
  t.equal(unstuff('..\r\n'), '.\r\n');
  t.equal(unstuff('a\r\n..b\r\n...\r\nc.\r\n'), 'a\r\n.b\r\n..\r\nc.\r\n');
  t.equal(unstuff('a\n..b\r..c'), 'a\n..b\r..c', 'a bare newline begins no line');
  t.equal(unstuff(''), '');
});

t.test('wherever the chunks are cut', async () => {
  const line = fc.constantFrom('', '.', '..', 'x', '.x', 'x.', '\r', '\n', 'x\n.', '\r.');
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.array(fc.nat(40), { maxLength: 8 }), (lines, cuts) => {
      const message = lines.map((text) => `${text}\r\n`).join('');
      const stuffed = message.replace(/(^|\r\n)\./g, '$1..');
      const places = [...new Set(cuts.filter((cut) => cut < stuffed.length))].sort((a, b) => a - b);
      const chunks = [0, ...places].map((from, index) => stuffed.slice(from, places[index] ?? stuffed.length));
      return unstuff(...chunks) === message;
    }),
    { numRuns: 3_000 },
  );
});
