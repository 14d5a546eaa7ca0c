import { MessageScanner } from '../../../src/door/smtp/message-scanner.js';
import { chunksOf, type FuzzTarget, must } from '../target.js';

interface Outcome {
  readonly content: Buffer;
  readonly rest: Buffer | null;
  readonly violation: string | null;
  readonly size: number;
}

function scan(bareNewline: 'reject' | 'normalise', chunks: readonly Buffer[]): Outcome {
  const scanner = new MessageScanner({ bareNewline, longLines: 'reject' });
  const content: Buffer[] = [];
  for (const [index, chunk] of chunks.entries()) {
    const scanned = scanner.feed(chunk);
    content.push(scanned.content);
    if (scanned.rest === null) continue;
    const rest = Buffer.concat([scanned.rest, ...chunks.slice(index + 1)]);
    return { content: Buffer.concat(content), rest, violation: scanner.violation, size: scanner.size };
  }
  return { content: Buffer.concat(content), rest: null, violation: scanner.violation, size: scanner.size };
}

/** Whatever some relay might take for an end of data. */
const ANY_END = /(?:^|[\r\n])[\0]*\.[\0]*[\r\n]/;

/** Messages, cut anywhere: one end of data, and none that another reader might see. */
export const messageScanner: FuzzTarget = {
  name: 'message-scanner',
  seeds: ['Subject: x\r\n\r\n..dot\r\n.\r\nMAIL', '.\r\n', 'a\nb\r.\rc\r\n.\n', '\0\r\n..\r\n.\r\n'],
  words: ['\r\n', '\n', '\r', '.', '\0', '\r\n.\r\n', '\n.\n', '\r.\r', '..', 'x'.repeat(999)],
  run(input) {
    for (const bareNewline of ['reject', 'normalise'] as const) {
      const whole = scan(bareNewline, [input]);
      const cut = scan(bareNewline, chunksOf(input));
      must((whole.rest === null) === (cut.rest === null), 'an end of data only when cut');
      must(whole.violation === null ? cut.violation === null : cut.violation !== null, 'a violation only when cut');
      if (whole.rest === null || cut.rest === null) continue;
      must(whole.rest.equals(cut.rest), 'another rest when cut');
      must(whole.size === cut.size, 'another size when cut');
      if (whole.violation !== null) continue;
      must(whole.content.equals(cut.content), 'another message when cut');
      const text = whole.content.toString('latin1');
      must(!ANY_END.test(text), 'an end of data within the message');
      must(!/\r(?!\n)|(?<!\r)\n|\0/.test(text), 'a bare newline or NUL in the message');
      must(text === '' || text.endsWith('\r\n'), 'a message that ends within a line');
    }
  },
};
