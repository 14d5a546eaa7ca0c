import ipaddr from 'ipaddr.js';
import t from 'tap';
import { networkTable, parseNetwork, peerMatcher } from '../../src/account/cidr.js';
import fc from '../support/property.js';

t.test('addresses in networks', async (t) => {
  const trusted = peerMatcher(['192.0.2.0/24', '198.51.100.7', '2001:db8::/32', '::ffff:203.0.113.0/120']);
  for (const inside of [
    '192.0.2.0',
    '192.0.2.255',
    '::ffff:192.0.2.9',
    '198.51.100.7',
    '2001:db8::1',
    '2001:DB8:ffff::',
    '203.0.113.200',
    '::ffff:203.0.113.1',
    '2001:db8::1%eth0',
  ])
    t.equal(trusted(inside), true, inside);
  for (const outside of [
    '192.0.3.0',
    '198.51.100.8',
    '2001:db9::',
    '::1',
    'unix',
    '',
    'localhost',
    '192.0.2',
    '3221225985',
    '192.0.2.1/32',
  ]) {
    t.equal(trusted(outside), false, outside);
  }
  t.equal(peerMatcher(['unix'])('unix'), true);
  t.equal(peerMatcher(['0.0.0.0/0', '::/0'])('unix'), false);
  t.equal(peerMatcher(['0.0.0.0/0'])('::1'), false);
  t.equal(peerMatcher([])('127.0.0.1'), false);
});

t.test('the longest prefix wins, whatever the order', async (t) => {
  const rows = [
    ['10.0.0.0/8', 'a'],
    ['10.1.2.3', 'c'],
    ['10.1.0.0/16', 'b'],
    ['0.0.0.0/0', 'all'],
  ] as const;
  for (const order of [rows, [...rows].reverse()]) {
    const table = networkTable(order);
    t.same(['10.2.0.1', '10.1.9.9', '10.1.2.3', '192.0.2.1', '::1'].map(table.lookup), ['a', 'b', 'c', 'all', null]);
  }
});

t.test('what is no network, and why', async (t) => {
  const cases: readonly (readonly [text: string, reason: RegExp])[] = [
    ['', /such as/],
    ['example.com', /such as/],
    ['10.0.0.0/8/8', /such as/],
    ['10.0.0/8', /such as/],
    ['010.0.0.1', /such as/],
    ['0x7f.1', /such as/],
    ['10.0.0.0/33', /0 to 32/],
    ['10.0.0.0/', /0 to 32/],
    ['10.0.0.0/-1', /0 to 32/],
    ['::/129', /0 to 128/],
    ['10.0.0.1/8', /without host bits, 10\.0\.0\.0\/8/],
    ['2001:db8::1/32', /without host bits, 2001:db8::\/32/],
  ];
  for (const [text, reason] of cases) {
    const result = parseNetwork(text);
    t.equal(result.ok, false, text);
    if (!result.ok) t.match(result.reason, reason, text);
  }
  t.throws(() => networkTable([['nonsense', 1]]), RangeError);
});

t.test('any address is in its own network of any length', async () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 32 }), (ip, prefix) => {
      const given = parseNetwork(`${ip}/${prefix}`);
      const network = given.ok ? `${ip}/${prefix}` : /\d+\.\d+\.\d+\.\d+\/\d+/.exec(given.reason)?.[0];
      return network !== undefined && peerMatcher([network])(ip) && peerMatcher([network])(`::ffff:${ip}`);
    }),
  );
  fc.assert(
    fc.property(
      fc.string(),
      (text) => typeof parseNetwork(text).ok === 'boolean' && !peerMatcher(['10.0.0.0/8'])(`x${text}`),
    ),
  );
});

t.test('a table says what looking at each network would', async () => {
  const octet = fc.constantFrom(0, 1, 127, 128, 255);
  const v4 = fc.array(octet, { minLength: 4, maxLength: 4 }).map((octets) => octets.join('.'));
  const group = fc.constantFrom('0', '1', '7fff', '8000', 'ffff');
  const v6 = fc.array(group, { minLength: 8, maxLength: 8 }).map((groups) => groups.join(':'));
  const network = fc
    .oneof(
      v4.chain((ip) => fc.integer({ min: 0, max: 32 }).map((prefix) => ({ ip, prefix }))),
      v6.chain((ip) => fc.integer({ min: 0, max: 128 }).map((prefix) => ({ ip, prefix }))),
    )
    .map(({ ip, prefix }) => networkOf(ip, prefix));
  fc.assert(
    fc.property(fc.array(network, { maxLength: 8 }), fc.oneof(v4, v6), (networks, address) => {
      const table = networkTable(networks.map((text, index) => [text, index] as const));
      const inside = networks
        .map((text, index) => ({ index, text, length: Number(text.split('/')[1]) }))
        .filter(({ text, length }) => networkOf(address, length) === text);
      const longest = Math.max(...inside.map(({ length }) => length));
      const expected = inside.find(({ length }) => length === longest)?.index ?? null;
      return table.lookup(address) === expected;
    }),
    { numRuns: 500 },
  );
});

/** In the library's spelling. */
function networkOf(ip: string, prefix: number): string {
  const parsed = ipaddr.parse(ip);
  const most = parsed.kind() === 'ipv4' ? 32 : 128;
  const cidr = `${ip}/${Math.min(prefix, most)}`;
  const first =
    parsed.kind() === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr);
  return `${first.toString()}/${prefix}`;
}
