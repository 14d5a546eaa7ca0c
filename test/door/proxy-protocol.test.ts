import t from 'tap';
import { parseProxyHeader } from '../../src/door/smtp/proxy-protocol.js';
import fc from '../support/property.js';

function v2(command: number, family: number, addresses: Buffer): Buffer {
  const head = Buffer.from('\r\n\r\n\0\r\nQUIT\n\0\0\0\0', 'latin1');
  head[12] = 0x20 | command;
  head[13] = (family << 4) | 1;
  head.writeUInt16BE(addresses.length, 14);
  return Buffer.concat([head, addresses]);
}

const IPV4 = Buffer.from([192, 0, 2, 1, 127, 0, 0, 1, 0x30, 0x39, 0, 25]);
const IPV6 = Buffer.concat([
  Buffer.from('20010db8000000000000000000000001', 'hex'),
  Buffer.alloc(16),
  Buffer.from([0x30, 0x39, 0, 25]),
]);

t.test('version 1', async (t) => {
  const line = Buffer.from('PROXY TCP4 192.0.2.1 127.0.0.1 12345 25\r\nEHLO x\r\n');
  t.same(parseProxyHeader(line), { kind: 'header', length: 41, source: { address: '192.0.2.1', port: 12345 } });
  t.same(parseProxyHeader(Buffer.from('PROXY TCP6 2001:db8::1 ::1 1 25\r\n')), {
    kind: 'header',
    length: 33,
    source: { address: '2001:db8::1', port: 1 },
  });
  t.same(parseProxyHeader(Buffer.from('PROXY UNKNOWN\r\n')), { kind: 'header', length: 15, source: null });
});

t.test('version 2, with and without extensions', async (t) => {
  t.same(parseProxyHeader(v2(1, 1, IPV4)), {
    kind: 'header',
    length: 28,
    source: { address: '192.0.2.1', port: 12345 },
  });
  t.match(parseProxyHeader(v2(1, 2, IPV6)), {
    kind: 'header',
    length: 52,
    source: { address: '2001:db8:0:0:0:0:0:1', port: 12345 },
  });
  t.match(parseProxyHeader(v2(1, 1, Buffer.concat([IPV4, Buffer.alloc(300)]))), { kind: 'header', length: 328 });
  t.match(
    parseProxyHeader(v2(0, 0, Buffer.alloc(0))),
    { kind: 'header', source: null },
    'a health check of the proxy itself',
  );
});

t.test('malformed headers are refused', async (t) => {
  const bad = [
    'EHLO client\r\n',
    'PROXY TCP4 999.0.2.1 127.0.0.1 1 2\r\n',
    'PROXY TCP4 2001:db8::1 ::1 1 2\r\n',
    'PROXY TCP4 192.0.2.1 127.0.0.1 1 99999\r\n',
    'PROXY TCP4 192.0.2.1 127.0.0.1 1 2 3\r\n',
    'PROXY TCP4 192.0.2.1\r\n',
    `PROXY ${'x'.repeat(200)}`,
  ];
  for (const text of bad) t.equal(parseProxyHeader(Buffer.from(text)).kind, 'malformed', JSON.stringify(text));
  t.equal(parseProxyHeader(v2(2, 1, IPV4)).kind, 'malformed', 'unknown command');
  t.equal(parseProxyHeader(v2(1, 1, IPV4.subarray(0, 4))).kind, 'malformed', 'addresses missing');
  t.equal(parseProxyHeader(v2(1, 1, Buffer.alloc(60_000))).kind, 'malformed', 'too long');
});

t.test('every beginning of a header is incomplete, never something else', async (t) => {
  for (const header of [v2(1, 1, IPV4), v2(1, 2, IPV6), Buffer.from('PROXY TCP4 192.0.2.1 127.0.0.1 12345 25\r\n')]) {
    for (let length = 0; length < header.length; length += 1) {
      t.equal(parseProxyHeader(header.subarray(0, length)).kind, 'incomplete', `${length} of ${header.length}`);
    }
  }
});

t.test('garbage never throws', async (t) => {
  const start = fc.constantFrom(Buffer.from('PROXY '), Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1'), Buffer.alloc(0));
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 400 }), (head, tail) => {
      const parsed = parseProxyHeader(Buffer.concat([head, tail]));
      t.ok(['incomplete', 'malformed', 'header'].includes(parsed.kind));
    }),
  );
});
