import { parseCommand, payloadLimit } from '../../../src/door/milter/command.js';
import { FrameReader, MalformedFrame } from '../../../src/door/milter/frame-reader.js';
import { MessageOctets } from '../../../src/door/milter/message-octets.js';
import { agree } from '../../../src/door/milter/negotiation.js';
import { negotiated } from '../../../src/door/milter/response.js';
import { frame, uint32 } from '../../support/milter-client.js';
import { chunksOf, type FuzzTarget, must } from '../target.js';

const session = [
  frame('O', uint32(6, 0x1ff, 0x1fffff)),
  frame('D', 'C', '{daemon_name}\0smtpd\0'),
  frame('C', 'client.example\0', '4', Buffer.from([0x30, 0x39]), '192.0.2.1\0'),
  frame('H', 'client.example\0'),
  frame('D', 'M', '{auth_authen}\0anna\0'),
  frame('M', '<a@example.com>\0', 'SIZE=10\0'),
  frame('R', '<b@example.net>\0'),
  frame('T'),
  frame('L', 'Subject\0', ' one\n two\0'),
  frame('N'),
  frame('B', 'hello\r\n'),
  frame('D', 'E', 'i\0ABC\0'),
  frame('E'),
  frame('A'),
  frame('K'),
  frame('U', 'FOO\0'),
  frame('Q'),
];

/** What an MTA sends, whatever it is cut into. */
export const milter: FuzzTarget = {
  name: 'milter',
  seeds: [Buffer.concat(session).toString('latin1'), ...session.map((packet) => packet.toString('latin1'))],
  words: [
    '\0',
    '\0\0\0\x01',
    '\0\0\0\0',
    '\xff\xff\xff\xff',
    '\0\x10\0\0',
    '{i}\0',
    '\n',
    '\r\n',
    'IPv6:',
    '<',
    'O',
    'D',
    'L',
    'B',
  ],
  run(input) {
    const whole = read([input]);
    const cut = read(chunksOf(input));
    must(JSON.stringify(cut) === JSON.stringify(whole), 'packets depend on how they were cut');
  },
};

function read(chunks: readonly Buffer[]): readonly unknown[] {
  const reader = new FrameReader(payloadLimit);
  const octets = new MessageOctets(null, true);
  const heard: unknown[] = [];
  try {
    for (const chunk of chunks) {
      reader.push(Buffer.from(chunk));
      for (let next = reader.next(); next !== null; next = reader.next()) {
        must(next.payload.length <= payloadLimit(next.code), 'a packet beyond its limit');
        const command = parseCommand(next);
        heard.push(command ?? next.code);
        if (command === null) return heard;
        if (command.kind === 'header') octets.field(command.name, command.value);
        if (command.kind === 'body') octets.body(command.octets);
        if (command.kind === 'negotiate') {
          const agreed = agree(command, { content: 'whole', actions: 0x33 });
          if (agreed !== null) must(negotiated(agreed).readUInt32BE(0) < 500, 'an endless answer');
        }
      }
    }
  } catch (error) {
    if (!(error instanceof MalformedFrame)) throw error;
    heard.push('malformed');
  }
  return [...heard, octets.size];
}
