import t from 'tap';
import { MessageScanner, type ScannerOptions } from '../../src/door/smtp/message-scanner.js';
import fc from '../support/property.js';

const STRICT: ScannerOptions = { bareNewline: 'reject', longLines: 'pass' };
const LENIENT: ScannerOptions = { bareNewline: 'normalise', longLines: 'pass' };

interface Result {
  readonly content: Buffer;
  readonly rest: Buffer | null;
  readonly scanner: MessageScanner;
}

function scan(wire: Buffer, cuts: readonly number[], options: ScannerOptions): Result {
  const scanner = new MessageScanner(options);
  const content: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, wire.length]) {
    const result = scanner.feed(wire.subarray(from, cut));
    content.push(result.content);
    if (result.rest !== null) {
      return { content: Buffer.concat(content), rest: Buffer.concat([result.rest, wire.subarray(cut)]), scanner };
    }
    from = cut;
  }
  return { content: Buffer.concat(content), rest: null, scanner };
}

/** Bytes that matter to the end of data, and a few that do not. */
const hostile = fc
  .array(fc.constantFrom('\r', '\n', '.', '\0', '\r\n', '.\r\n', '\r\n.', 'a', 'bc'), { maxLength: 40 })
  .map((parts) => Buffer.from(parts.join(''), 'latin1'));

function withCuts(wire: fc.Arbitrary<Buffer>): fc.Arbitrary<{ wire: Buffer; cuts: number[] }> {
  return wire.chain((bytes) =>
    fc
      .array(fc.nat(bytes.length), { maxLength: 12 })
      .map((cuts) => ({ wire: bytes, cuts: cuts.sort((a, b) => a - b) })),
  );
}

t.test('the end of data is CRLF.CRLF and nothing else, however the bytes arrive', async (t) => {
  fc.assert(
    fc.property(
      withCuts(hostile.map((bytes) => Buffer.concat([bytes, Buffer.from('\r\n.\r\nQUIT\r\n')]))),
      ({ wire, cuts }) => {
        const whole = `\r\n${wire.toString('latin1')}`;
        const end = whole.indexOf('\r\n.\r\n');
        const { content, rest } = scan(wire, cuts, STRICT);
        t.equal(content.toString('latin1'), whole.slice(2, end + 2));
        t.equal(rest?.toString('latin1'), whole.slice(end + 5));
      },
    ),
  );
});

t.test('a message without its end of data has none', async (t) => {
  for (const wire of [
    '',
    '.',
    '.\r',
    'text\r\n',
    'text\r\n.',
    'text\r\n.\r',
    'text\n.\n',
    'text\r.\r',
    'a\r\n..\r\n',
  ]) {
    t.equal(scan(Buffer.from(wire), [], STRICT).rest, null, JSON.stringify(wire));
  }
});

t.test('whatever a lenient relay might take for an end of data is refused', async (t) => {
  const ends = [
    '\n.\n',
    '\n.\r\n',
    '\r.\r',
    '\r\n.\r',
    '\r.\n',
    '\r\n.\n',
    '\0\r\n.\n',
    '\n\0.\n',
    '\r\n\0.\r\n',
    '\r\n.\0\r\n',
    '\n..\r\n',
  ];
  for (const end of ends) {
    const wire = Buffer.from(
      `one${end}MAIL FROM:<x@example.com>\r\nRCPT TO:<y@example.com>\r\nDATA\r\ntwo\r\n.\r\n`,
      'latin1',
    );
    for (let cut = 0; cut <= wire.length; cut += 1) {
      const { scanner, rest } = scan(wire, [cut], STRICT);
      t.equal(rest?.length, 0, 'the whole is one message');
      t.ok(scanner.violation, `${JSON.stringify(end)} cut at ${cut}`);
    }
  }
});

t.test('normalised content has no end of data in any reading, and no bare newline or NUL', async (t) => {
  fc.assert(
    fc.property(withCuts(hostile), ({ wire, cuts }) => {
      const ended = Buffer.concat([wire, Buffer.from('\r\n.\r\n')]);
      const { content, scanner } = scan(ended, cuts, LENIENT);
      const uncut = scan(ended, [], LENIENT);
      t.equal(content.toString('latin1'), uncut.content.toString('latin1'), 'however it was cut');
      t.equal(scanner.size, uncut.scanner.size);
      const text = `\r\n${content.toString('latin1')}`;
      t.notMatch(text, /\0|\r(?!\n)|(?<!\r)\n/, 'clean');
      t.notMatch(text, /\r\n\.\r\n/, 'one message');
    }),
    { numRuns: 500 },
  );
});

t.test('a well-formed message passes as it is, and its size leaves stuffed dots out', async (t) => {
  const line = fc
    .array(fc.constantFrom('.', '..', 'x', ' ', '\x1a', '\xff'), { maxLength: 6 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.array(fc.nat(60), { maxLength: 6 }), (lines, at) => {
      const stuffed = lines.map((text) => `${text.startsWith('.') ? '.' : ''}${text}\r\n`).join('');
      const wire = Buffer.from(`${stuffed}.\r\n`, 'latin1');
      const cuts = at.filter((cut) => cut <= wire.length).sort((a, b) => a - b);
      const { content, scanner } = scan(wire, cuts, STRICT);
      t.equal(content.toString('latin1'), stuffed);
      t.equal(
        scanner.size,
        lines.reduce((sum, text) => sum + text.length + 2, 0),
      );
      t.equal(scanner.violation, null);
    }),
  );
});

t.test('lines over 998 octets are refused if the setting says so', async (t) => {
  const message = (length: number) => Buffer.from(`Subject: x\r\n\r\n${'y'.repeat(length)}\r\n.\r\n`);
  const options: ScannerOptions = { bareNewline: 'reject', longLines: 'reject' };
  t.equal(scan(message(998), [], options).scanner.violation, null);
  t.equal(scan(message(999), [], options).scanner.violation, 'lineTooLong');
  t.equal(scan(message(999), [100, 200, 600], options).scanner.violation, 'lineTooLong');
  t.equal(scan(message(5000), [], STRICT).scanner.violation, null);
});
