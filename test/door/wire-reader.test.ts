import { once } from 'node:events';
import t from 'tap';
import { MessageScanner } from '../../src/door/smtp/message-scanner.js';
import { WireReader } from '../../src/door/smtp/wire-reader.js';
import fc from '../support/property.js';

interface Heard {
  readonly commands: string[];
  readonly messages: string[];
  /** For each RCPT that was not in a batch before: how many waited behind it. */
  readonly batches: number[];
  overlong: boolean;
}

const RCPT = /^RCPT /;

/** Reads as a session does: DATA switches to a message, RCPTs are looked ahead for. */
async function read(chunks: readonly Buffer[], later: boolean): Promise<Heard> {
  const heard: Heard = { commands: [], messages: [], batches: [], overlong: false };
  let foretold = 0;
  const reader: WireReader = new WireReader(
    {
      command(line, next) {
        const text = line.toString('latin1');
        heard.commands.push(text);
        if (RCPT.test(text)) {
          if (foretold > 0) foretold -= 1;
          else {
            foretold = reader.lookAhead((ahead) => RCPT.test(ahead.toString('latin1')), 1000).length;
            heard.batches.push(foretold);
          }
        }
        if (text === 'DATA') readMessage();
        if (later) setImmediate(next);
        else next();
      },
      overlong() {
        heard.overlong = true;
      },
    },
    100,
  );
  function readMessage(): void {
    const parts: Buffer[] = [];
    reader.readMessage(new MessageScanner({ bareNewline: 'reject', longLines: 'pass' }), {
      wrote(content) {
        parts.push(content);
        return later ? new Promise((resolve) => setImmediate(resolve)) : undefined;
      },
      async ended() {
        heard.messages.push(Buffer.concat(parts).toString('latin1'));
      },
    });
  }
  for (const chunk of chunks) if (!reader.write(chunk)) await once(reader, 'drain');
  reader.end();
  await once(reader, 'finish');
  return heard;
}

function chop(wire: Buffer, cuts: readonly number[]): Buffer[] {
  const at = [...new Set(cuts.map((cut) => cut % (wire.length + 1)))].sort((a, b) => a - b);
  return [0, ...at]
    .map((from, index) => wire.subarray(from, at[index] ?? wire.length))
    .filter((chunk) => chunk.length > 0);
}

t.test('commands and messages come in order, whatever the segments', async (t) => {
  const script =
    'EHLO x\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@f.example>\r\nDATA\r\none\r\n..\r\n.\r\nNOOP\nDATA\r\n.\r\nQUIT\r\n';
  const wire = Buffer.from(script);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(wire.length), { maxLength: 20 }), fc.boolean(), async (cuts, later) => {
      const heard = await read(chop(wire, cuts), later);
      t.same(heard.commands, [
        'EHLO x',
        'MAIL FROM:<a@b.example>',
        'RCPT TO:<c@d.example>',
        'RCPT TO:<e@f.example>',
        'DATA',
        'NOOP',
        'DATA',
        'QUIT',
      ]);
      t.same(heard.messages, ['one\r\n..\r\n', '']);
    }),
  );
});

t.test('recipients that wait are told together', async (t) => {
  const recipients = Array.from({ length: 50 }, (_, i) => `RCPT TO:<r${i}@example.com>\r\n`).join('');
  const heard = await read([Buffer.from(`MAIL FROM:<>\r\n${recipients}DATA\r\n.\r\n`)], true);
  t.same(heard.batches, [49]);
  const cut = await read([Buffer.from(`${recipients}RCPT TO:<half`), Buffer.from('@example.com>\r\n')], true);
  t.same(cut.batches, [49, 0], 'a line that is not whole is not foretold');
});

t.test('a line that never ends, and one that is too long, end the session', async (t) => {
  t.equal((await read([Buffer.from('x'.repeat(5000))], false)).overlong, true);
  const heard = await read([Buffer.from(`NOOP\r\n${'x'.repeat(101)}\r\nNOOP\r\n`)], false);
  t.equal(heard.overlong, true);
  t.same(heard.commands, ['NOOP'], 'nothing behind it is run');
});

t.test('a last line without its end is no command', async (t) => {
  t.same((await read([Buffer.from('NOOP\r\nRCPT TO:<a@b.example>')], false)).commands, ['NOOP']);
});
