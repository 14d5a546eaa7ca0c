import { MalformedReply, ReplyParser } from '../../../src/relay/reply-parser.js';
import { passedOn, type RelayReply, toWire } from '../../../src/smtp/reply.js';
import { chunksOf, type FuzzTarget, must } from '../target.js';

function read(chunks: readonly Buffer[]): { readonly replies: readonly RelayReply[]; readonly malformed: boolean } {
  const parser = new ReplyParser();
  const replies: RelayReply[] = [];
  try {
    for (const chunk of chunks) parser.push(chunk, (reply) => replies.push(reply));
  } catch (error) {
    if (!(error instanceof MalformedReply)) throw error;
    must(/^[ -~]+$/.test(error.message), 'an error that quotes raw bytes of the relay');
    return { replies, malformed: true };
  }
  return { replies, malformed: false };
}

/** What relays say, cut anywhere. */
export const replyParser: FuzzTarget = {
  name: 'reply-parser',
  seeds: [
    '250 2.0.0 Ok\r\n',
    '250-a\r\n250-b\r\n250 c\r\n550 5.1.1 no\r\n',
    '220 gr\xc3\xbc\xc3\x9fe\r\n354\r\n',
    '421\n',
  ],
  words: [
    '\r\n',
    '\n',
    '\r',
    '250-',
    '250 ',
    '550 ',
    '999',
    '\0',
    '\xff',
    '\x1b[31m',
    'x'.repeat(4097),
    '250-x\r\n'.repeat(129),
  ],
  run(input) {
    const whole = read([input]);
    const cut = read(chunksOf(input));
    must(JSON.stringify(whole) === JSON.stringify(cut), 'other replies when cut');
    for (const reply of whole.replies) {
      must(
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
        /^(?:[2-5]\d\d[ -][^\x00-\x1f\x7f]*\r\n)+$/.test(toWire(passedOn(reply))),
        'a reply that is not one to the client',
      );
    }
  },
};
