import t from 'tap';
import { commonCapabilities, parseEhlo } from '../../src/relay/ehlo.js';
import { xclientCommand, xforwardCommand } from '../../src/relay/identity.js';
import { decodeXtext } from '../../src/smtp/xtext.js';
import fc from '../support/property.js';
import { CLIENT } from './pool-for-tests.js';

const ALL = ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'LOGIN', 'IDENT'];

t.test("Postfix's EHLO", async (t) => {
  const lines =
    'mail.example PIPELINING/SIZE 10240000/VRFY/ETRN/STARTTLS/AUTH PLAIN LOGIN/AUTH=PLAIN LOGIN/XCLIENT NAME ADDR/XFORWARD NAME/ENHANCEDSTATUSCODES/8BITMIME/dsn/SMTPUTF8/CHUNKING';
  t.strictSame(parseEhlo({ code: 250, lines: lines.split('/') }), {
    capabilities: {
      // Its first line is the relay's name, not a keyword.
      pipelining: false,
      eightBitMime: true,
      smtpUtf8: true,
      dsn: true,
      requireTls: false,
      size: 10240000,
      xclient: ['NAME', 'ADDR'],
      xforward: ['NAME'],
    },
    startTls: true,
    auth: ['PLAIN', 'LOGIN'],
  });
});

t.test('SIZE', async (t) => {
  const sizeOf = (line: string) => parseEhlo({ code: 250, lines: ['x', line] }).capabilities.size;
  t.equal(sizeOf('DSN'), null);
  t.equal(sizeOf('SIZE'), 0);
  t.equal(sizeOf('SIZE 0'), 0);
  t.equal(sizeOf('size 99999999999999999999'), Number.MAX_SAFE_INTEGER);
  t.equal(sizeOf('SIZE many'), 0);
});

t.test('whatever the lines hold, it is read without an error', async () => {
  fc.assert(fc.property(fc.array(fc.string({ unit: 'binary' })), (lines) => void parseEhlo({ code: 250, lines })));
});

t.test('of several relays, what all of them can', async (t) => {
  const of = (...lines: string[]) => parseEhlo({ code: 250, lines: ['x', ...lines] }).capabilities;
  t.equal(commonCapabilities([]), null);
  const common = commonCapabilities([
    of('PIPELINING', 'SMTPUTF8', 'SIZE 0', 'XCLIENT NAME ADDR'),
    of('PIPELINING', 'SIZE 500', 'XCLIENT ADDR PORT'),
    of('PIPELINING', 'SMTPUTF8', 'SIZE 900', 'XCLIENT ADDR'),
  ]);
  t.match(common, { pipelining: true, smtpUtf8: false, size: 500, xclient: ['ADDR'] });
  t.equal(commonCapabilities([of('SIZE 5'), of('DSN')])?.size, null);
});

t.test('XCLIENT and XFORWARD say what the relay takes, and no more', async (t) => {
  t.equal(
    xclientCommand(CLIENT, ALL),
    'XCLIENT NAME=client.example ADDR=192.0.2.7 PORT=40001 PROTO=ESMTP HELO=mail.client.example LOGIN=[UNAVAILABLE]',
  );
  t.equal(xclientCommand({ ...CLIENT, address: '2001:db8::1' }, ['ADDR']), 'XCLIENT ADDR=IPV6:2001:db8::1');
  t.equal(
    xclientCommand({ ...CLIENT, address: 'unix', port: 0 }, ['ADDR', 'PORT']),
    'XCLIENT ADDR=[UNAVAILABLE] PORT=[UNAVAILABLE]',
  );
  t.equal(xclientCommand(CLIENT, ['DESTADDR']), null);
  t.equal(xforwardCommand(CLIENT, ['NAME', 'IDENT', 'SOURCE']), 'XFORWARD NAME=client.example IDENT=T1');
  t.equal(xforwardCommand(CLIENT, []), null);
});

t.test('no value of the client leaves its attribute', async (t) => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), (helo, login) => {
      const command = xclientCommand({ ...CLIENT, helo, login }, ['HELO', 'LOGIN']) ?? '';
      const words = /^XCLIENT HELO=([\x21-\x7e]+) LOGIN=([\x21-\x7e]+)$/.exec(command);
      t.ok(words, command);
      if (words?.[1] !== '[UNAVAILABLE]') t.equal(decodeXtext(words?.[1] ?? ''), helo);
    }),
  );
});
