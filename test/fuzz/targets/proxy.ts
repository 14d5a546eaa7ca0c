import { isIP } from 'node:net';
import { parseProxyHeader } from '../../../src/door/smtp/proxy-protocol.js';
import { type FuzzTarget, must } from '../target.js';

const V2 = '\r\n\r\n\0\r\nQUIT\n';

/** PROXY headers, both versions. */
export const proxy: FuzzTarget = {
  name: 'proxy',
  seeds: [
    'PROXY TCP4 192.0.2.1 192.0.2.2 1000 25\r\nEHLO x\r\n',
    'PROXY TCP6 2001:db8::1 2001:db8::2 1000 25\r\n',
    'PROXY UNKNOWN\r\n',
    `${V2}\x21\x11\0\x0c\xc0\0\x02\x01\xc0\0\x02\x02\x03\xe8\0\x19EHLO`,
    `${V2}\x21\x21\0\x24${'\x20\x01\x0d\xb8'.repeat(8)}\x03\xe8\0\x19`,
    `${V2}\x20\0\0\0`,
  ],
  words: ['PROXY ', 'TCP4 ', 'TCP6 ', ' ', '\r\n', V2, '::', '65536', '\x21\x31', '\xff\xff'],
  run(input) {
    const parsed = parseProxyHeader(input);
    if (parsed.kind === 'malformed') must(/^[ -~]+$/.test(parsed.reason), 'a reason that quotes the client');
    if (parsed.kind === 'incomplete') must(input.length < 16 + 2048, 'a header that never ends');
    if (parsed.kind !== 'header') return;
    must(parsed.length <= input.length, 'a header longer than what came');
    must(parsed.source === null || isIP(parsed.source.address) !== 0, 'an address that is none');
    must(parsed.source === null || (parsed.source.port >= 0 && parsed.source.port <= 65_535), 'a port that is none');
    for (let length = 1; length < parsed.length; length += 1) {
      must(parseProxyHeader(input.subarray(0, length)).kind === 'incomplete', 'a header within a header');
    }
  },
};
