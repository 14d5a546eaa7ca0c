import t from 'tap';
import { MalformedReply, ReplyParser } from '../../src/relay/reply-parser.js';
import type { RelayReply } from '../../src/smtp/reply.js';
import fc from '../support/property.js';

/** Cuts bytes at these places, each taken modulo what is left. */
function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  let rest = bytes;
  for (const size of sizes) {
    if (rest.length === 0) break;
    const length = 1 + (size % rest.length);
    chunks.push(rest.subarray(0, length));
    rest = rest.subarray(length);
  }
  return rest.length === 0 ? chunks : [...chunks, rest];
}

/** Replies, and whether it ended with MalformedReply. */
function parse(chunks: readonly Buffer[]): { replies: RelayReply[]; malformed: boolean } {
  const parser = new ReplyParser();
  const replies: RelayReply[] = [];
  try {
    for (const chunk of chunks) parser.push(chunk, (reply) => replies.push(reply));
    return { replies, malformed: false };
  } catch (error) {
    if (!(error instanceof MalformedReply)) throw error;
    return { replies, malformed: true };
  }
}

const text = fc.string({ unit: 'grapheme', maxLength: 60 }).map((line) => line.replace(/[\r\n]/g, ' '));
const reply = fc
  .tuple(fc.integer({ min: 200, max: 599 }), fc.array(text, { minLength: 1, maxLength: 6 }))
  .map(([code, lines]) => ({ code, lines }));
const cuts = fc.array(fc.nat(40), { maxLength: 200 });

function toWire({ code, lines }: { code: number; lines: string[] }): string {
  return lines.map((line, index) => `${code}${index < lines.length - 1 ? '-' : ' '}${line}\r\n`).join('');
}

t.test('replies are read as they were written, however the bytes are cut', async (t) => {
  fc.assert(
    fc.property(fc.array(reply, { maxLength: 6 }), cuts, (written, sizes) => {
      const { replies, malformed } = parse(cut(Buffer.from(written.map(toWire).join('')), sizes));
      t.equal(malformed, false);
      t.strictSame(replies, written);
    }),
    { numRuns: 200 },
  );
});

t.test('hostile bytes end in MalformedReply or nothing, the same however they are cut', async (t) => {
  const piece = fc.oneof(
    fc.constantFrom('250 ', '250-', '\r\n', '\n', '\r', '421 x\r\n', '\0', '99', '600 x\r\n', '250-a\r\n550 b\r\n'),
    fc.string({ unit: 'binary', maxLength: 20 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), cuts, (pieces, sizes) => {
      const bytes = Buffer.from(pieces.join(''), 'latin1');
      t.strictSame(parse(cut(bytes, sizes)), parse(cut(bytes, [])));
    }),
    { numRuns: 500 },
  );
});

t.test('what real relays say', async (t) => {
  const cases: [string, RelayReply[]][] = [
    ['250\r\n', [{ code: 250, lines: [''] }]],
    ['250 \r\n', [{ code: 250, lines: [''] }]],
    ['250-\r\n250 ok\r\n', [{ code: 250, lines: ['', 'ok'] }]],
    ['250 bare line feed\n', [{ code: 250, lines: ['bare line feed'] }]],
    [
      '220 a\r\n421 b\r\n',
      [
        { code: 220, lines: ['a'] },
        { code: 421, lines: ['b'] },
      ],
    ],
    ['550  two  spaces \r\n', [{ code: 550, lines: [' two  spaces '] }]],
  ];
  for (const [wire, replies] of cases) t.strictSame(parse([Buffer.from(wire)]), { replies, malformed: false }, wire);
});

t.test('what is no reply', async (t) => {
  const cases = [
    '25 x\r\n',
    '2500 x\r\n',
    '250x\r\n',
    '150 x\r\n',
    '650 x\r\n',
    '\r\n',
    ' 250 x\r\n',
    'HTTP/1.1 400 Bad Request\r\n',
  ];
  for (const wire of cases) t.strictSame(parse([Buffer.from(wire)]), { replies: [], malformed: true }, wire);
});

t.test('what it holds is bounded', async (t) => {
  const line = Buffer.alloc(512, 0x61);
  let chunks = 0;
  const endless = (chunk: Buffer) => {
    const parser = new ReplyParser();
    for (chunks = 0; chunks < 10_000; chunks += 1) parser.push(chunk, () => {});
  };
  t.throws(() => endless(line), /more than 4096 octets/);
  t.ok(chunks < 10, 'an endless line');
  t.throws(() => endless(Buffer.from('250-x\r\n')), /more than 128 lines/);
  t.ok(chunks < 130, 'endless short lines');
  t.throws(() => endless(Buffer.from(`250-${'x'.repeat(4000)}\r\n`)), /more than 32768 octets/);
  t.ok(chunks < 10, 'endless long lines');
  t.throws(() => new ReplyParser().push(Buffer.alloc(1_000_000, 0x32), () => {}), /more than 4096 octets/);
});
