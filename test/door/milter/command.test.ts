import t from 'tap';
import { parseCommand } from '../../../src/door/milter/command.js';
import { uint32 } from '../../support/milter-client.js';

function parse(code: string, ...parts: readonly (string | Buffer)[]) {
  return parseCommand({ code, payload: Buffer.concat(parts.map((part) => Buffer.from(part))) });
}

const PORT = Buffer.from([0x30, 0x39]);

t.test('each command', async (t) => {
  t.strictSame(parse('O', uint32(6, 0x1ff, 0x1fffff)), {
    kind: 'negotiate',
    version: 6,
    actions: 0x1ff,
    steps: 0x1fffff,
  });
  t.match(parse('O', uint32(2, 0x3f, 0x7f), 'more of a later version'), { kind: 'negotiate', version: 2 });
  const told = parse('D', 'M', '{auth_authen}\0anna\0i\0ABC\0{j}\0\0');
  if (told?.kind !== 'macros') throw new Error('no macros');
  t.equal(told.stage, 'M');
  const values = ['auth_authen', 'i', 'j', '{i}', 'anna', ''].map((name) => told.macros.get(name));
  t.strictSame(values, ['anna', 'ABC', '', undefined, undefined, undefined]);
  const none = parse('D', 'C');
  t.match(none, { kind: 'macros', stage: 'C' });
  t.equal(none?.kind === 'macros' && none.macros.get('i'), undefined);
  const connect = { kind: 'connect', host: 'mx.example', port: 12_345 };
  t.strictSame(parse('C', 'mx.example\0', '4', PORT, '192.0.2.1\0'), {
    ...connect,
    family: 'ipv4',
    address: '192.0.2.1',
  });
  t.strictSame(parse('C', 'mx.example\0', '6', PORT, 'IPv6:2001:db8::1\0'), {
    ...connect,
    family: 'ipv6',
    address: '2001:db8::1',
  });
  t.match(parse('C', 'local\0', 'L', PORT, '/run/x\0'), { family: 'unix', address: '/run/x' });
  t.strictSame(parse('C', 'unknown\0', 'U'), {
    kind: 'connect',
    host: 'unknown',
    family: 'unknown',
    port: 0,
    address: '',
  });
  t.strictSame(parse('H', 'mx.example\0'), { kind: 'helo', name: 'mx.example' });
  t.strictSame(parse('M', '<a@b.example>\0SIZE=10\0BODY=8BITMIME\0'), {
    kind: 'mail',
    path: '<a@b.example>',
    parameters: ['SIZE=10', 'BODY=8BITMIME'],
  });
  t.strictSame(parse('R', '<ä@b.example>\0'), { kind: 'rcpt', path: '<ä@b.example>', parameters: [] });
  t.strictSame(parse('L', 'Subject\0', ' hé\n there\0'), {
    kind: 'header',
    name: Buffer.from('Subject'),
    value: Buffer.from(' hé\n there'),
  });
  t.match(parse('L', 'X-Empty\0\0'), { kind: 'header', value: Buffer.alloc(0) });
  t.strictSame(parse('B', 'a\0b'), { kind: 'body', octets: Buffer.from('a\0b') });
  t.match(parse('E'), { kind: 'endOfMessage', octets: Buffer.alloc(0) });
  t.match(parse('E', 'rest'), { kind: 'endOfMessage', octets: Buffer.from('rest') });
  t.strictSame(parse('U', 'FOO bar\0'), { kind: 'unknown', line: 'FOO bar' });
  for (const [code, kind] of Object.entries({
    T: 'data',
    N: 'endOfHeader',
    A: 'abort',
    Q: 'quit',
    K: 'quitNewConnection',
  }))
    t.strictSame(parse(code), { kind });
});

t.test('what is malformed is nothing', async (t) => {
  for (const [code, ...parts] of [
    ['O', 'short'],
    ['D'],
    ['D', 'X', 'a\0b\0'],
    ['D', 'M', 'a\0'],
    ['D', 'M', 'a\0b'],
    ['C'],
    ['C', 'mx.example'],
    ['C', 'mx.example\0'],
    ['C', 'mx.example\0', '5', PORT, 'x\0'],
    ['C', 'mx.example\0', '4', PORT],
    ['C', 'mx.example\0', '4', '1'],
    ['C', 'mx.example\0', '4', PORT, '192.0.2.1'],
    ['C', 'mx.example\0', '4', PORT, '192.0.2.1\0more\0'],
    ['H'],
    ['H', 'a'],
    ['H', 'a\0b\0'],
    ['M'],
    ['M', '<a@b>'],
    ['R'],
    ['L'],
    ['L', '\0value\0'],
    ['L', 'name\0value'],
    ['L', 'name\0'],
    ['L', 'name\0va\0lue\0'],
    ['A', 'x'],
    ['Q', 'x'],
    ['U'],
    ['z'],
  ] as const) {
    t.equal(parse(code, ...parts), null, JSON.stringify([code, ...parts]));
  }
});
