import { MessageScanner } from '../../../src/door/smtp/message-scanner.js';
import { WireReader } from '../../../src/door/smtp/wire-reader.js';
import { chunksOf, type FuzzTarget, must } from '../target.js';

const MAX_LINE = 200;

/** Commands in their order, those that were foretold, and whether a line was too long. */
function read(chunks: readonly Buffer[]): { readonly commands: readonly string[]; readonly overlong: boolean } {
  const commands: string[] = [];
  let overlong = false;
  const reader: WireReader = new WireReader(
    {
      command(line, next) {
        const text = line.toString('latin1');
        commands.push(text);
        const ahead = reader.lookAhead(() => true, 5);
        must(
          ahead.every((foretold) => !foretold.includes(10)),
          'a foretold line of two',
        );
        if (text === 'DATA') {
          reader.readMessage(new MessageScanner({ bareNewline: 'reject', longLines: 'pass' }), {
            wrote: () => undefined,
            ended: async () => {},
          });
        }
        next();
      },
      overlong() {
        overlong = true;
      },
    },
    MAX_LINE,
  );
  for (const chunk of chunks) reader.write(chunk);
  return { commands, overlong };
}

/** Command lines, cut anywhere. */
export const wireReader: FuzzTarget = {
  name: 'wire-reader',
  seeds: [
    'EHLO x\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRCPT TO:<e@f>\nRSET\r\n',
    'NOOP\r\nDATA\r\nx\r\n.\r\nQUIT\r\n',
  ],
  words: ['\r\n', '\n', '\r', 'DATA\r\n', '\r\n.\r\n', 'RCPT TO:', '\0', 'x'.repeat(MAX_LINE)],
  run(input) {
    const { commands, overlong } = read(chunksOf(input));
    for (const command of commands) {
      must(command.length <= MAX_LINE && !command.includes('\n'), 'a command of more than one line');
    }
    // A message's end is told later, so that only sessions without one compare.
    if (commands.includes('DATA')) return;
    const whole = read([input]);
    must(
      JSON.stringify(whole.commands.slice(0, commands.length)) ===
        JSON.stringify(commands.slice(0, whole.commands.length)),
      'other commands when cut',
    );
    must(whole.overlong === overlong || commands.length >= 100, 'too long only when cut');
  },
};
