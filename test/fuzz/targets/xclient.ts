import { xclientCommand, xforwardCommand } from '../../../src/relay/identity.js';
import { decodeXtext, encodeXtext } from '../../../src/smtp/xtext.js';
import { type FuzzTarget, must } from '../target.js';

const OFFERED = ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'LOGIN', 'IDENT'];

/** xtext, and the commands by which the relay is told who the client is. */
export const xclient: FuzzTarget = {
  name: 'xclient',
  seeds: ['a+2Bb', '+0D+0AMAIL', 'anna\nmail.example\n192.0.2.1', 'gr\xc3\xbc\xc3\x9fe\nx\n2001:db8::1', ''],
  words: ['+', '=', '\n', '\r\n', '+0D', '+0A', '+00', ' ', '[UNAVAILABLE]', 'x'.repeat(256), '\xff'],
  run(input) {
    const latin1 = input.toString('latin1');
    const decoded = decodeXtext(latin1);
    if (decoded !== null && !decoded.includes('\ufffd')) {
      must(decodeXtext(encodeXtext(decoded)) === decoded, 'xtext that does not come back');
    }
    const [login = '', helo = '', address = ''] = input.toString('utf8').split('\n');
    const client = { address, port: input.length, name: helo, helo, protocol: 'ESMTP', login, ident: login } as const;
    for (const command of [xclientCommand(client, OFFERED), xforwardCommand(client, OFFERED)]) {
      must(
        /^X(?:CLIENT|FORWARD)(?: [A-Z]+=[!-<>-~]+)+$/.test(command ?? ''),
        `not one command: ${JSON.stringify(command)}`,
      );
    }
  },
};
