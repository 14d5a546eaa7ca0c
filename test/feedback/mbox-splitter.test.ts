import t from 'tap';
import { MboxSplitter } from '../../src/feedback/mime/mbox-splitter.js';
import fc from '../support/property.js';

const SEPARATOR = 'From a@example.net Mon Nov  2 09:02:00 2026\n';

function split(text: string, sizes: readonly number[], max = 1_000_000): string[] {
  const octets = Buffer.from(text, 'latin1');
  const splitter = new MboxSplitter(max);
  const messages: Buffer[] = [];
  let at = 0;
  for (let turn = 0; at < octets.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    messages.push(...splitter.push(octets.subarray(at, at + size)));
    at += size;
  }
  const last = splitter.end();
  return [...messages, ...(last === null ? [] : [last])].map((message) => message.toString('latin1'));
}

t.test('messages, whatever the chunks', async (t) => {
  const body = fc.array(fc.constantFrom('Subject: x\n', '\n', 'From now on\n', '>From a Mon Nov\n', 'text'), {
    minLength: 1,
    maxLength: 20,
  });
  fc.assert(
    fc.property(
      fc.array(body, { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
      (bodies, sizes) => {
        const messages = bodies.map((lines) => `${SEPARATOR}Subject: y\n${lines.join('')}\n\n`);
        t.same(split(messages.join(''), sizes), messages);
      },
    ),
    { numRuns: 100 },
  );
});

t.test('a long message is cut, the next one is whole', async (t) => {
  const messages = split(`${SEPARATOR}${'x'.repeat(5_000)}\n\n${SEPARATOR}short\n`, [700], 1_000);
  t.equal(messages[0]?.length, 1_000);
  t.equal(messages[1], `${SEPARATOR}short\n`);
});

t.test('nothing is nothing', async (t) => t.same(split('', [1]), []));

t.test('a returned message that begins with From is not parted from its report', async (t) => {
  const report = `${SEPARATOR}Subject: not delivered\n\nIt was refused.\n\nreturned mail:\n\n${SEPARATOR}Subject: offers\n\n`;
  const next = `${SEPARATOR}Subject: next\n\n`;
  t.same(split(report + next, [7]), [report, next]);
});
