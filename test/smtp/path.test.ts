import t from 'tap';
import { type PathResult, parseAddress, parseForwardPath, parsePath, parseReversePath } from '../../src/smtp/path.js';
import fc from '../support/property.js';

function good(text: string): Extract<PathResult, { ok: true }> {
  const result = parsePath(text);
  if (!result.ok) throw new Error(`${JSON.stringify(text)}: ${result.reason}`);
  return result;
}

t.test('paths that real clients send', async (t) => {
  const cases: [text: string, spelling: string, key: string | null, rest: string][] = [
    ['<a@example.com>', '<a@example.com>', 'a@example.com', ''],
    [' <a@example.com>', '<a@example.com>', 'a@example.com', ''],
    ['<A.B@Example.COM> SIZE=10 BODY=8BITMIME', '<A.B@Example.COM>', 'a.b@example.com', 'SIZE=10 BODY=8BITMIME'],
    ['<> RET=HDRS', '<>', null, 'RET=HDRS'],
    ['a@example.com SIZE=1', '<a@example.com>', 'a@example.com', 'SIZE=1'],
    ['<@hop.example,@hop2.example:a@example.com>', '<a@example.com>', 'a@example.com', ''],
    ['<"a b"@example.com>', '<"a b"@example.com>', '"a b"@example.com', ''],
    ['<"a@b>c"@example.com>', '<"a@b>c"@example.com>', '"a@b>c"@example.com', ''],
    ['<"A\\"\\\\b"@example.com>', '<"A\\"\\\\b"@example.com>', '"a\\"\\\\b"@example.com', ''],
    ['<"plain"@example.com>', '<"plain"@example.com>', 'plain@example.com', ''],
    ['<"pl\\ain"@example.com>', '<"pl\\ain"@example.com>', 'plain@example.com', ''],
    ['<""@example.com>', '<""@example.com>', '""@example.com', ''],
    ['<a..b.@docomo.example>', '<a..b.@docomo.example>', 'a..b.@docomo.example', ''],
    ['<a@sub_domain.example>', '<a@sub_domain.example>', 'a@sub_domain.example', ''],
    ['<a@[192.0.2.1]>', '<a@[192.0.2.1]>', 'a@[192.0.2.1]', ''],
    ['<a@[IPv6:2001:DB8:0:0::1]>', '<a@[IPv6:2001:DB8:0:0::1]>', 'a@[IPv6:2001:db8::1]', ''],
    ['<a@[x-tag:Some!thing]>', '<a@[x-tag:Some!thing]>', 'a@[x-tag:some!thing]', ''],
    ['<a@bücher.example>', '<a@bücher.example>', 'a@xn--bcher-kva.example', ''],
    ['<a@XN--bcher-KVA.example>', '<a@XN--bcher-KVA.example>', 'a@xn--bcher-kva.example', ''],
    ['<DöRTE@example.com>', '<DöRTE@example.com>', 'dörte@example.com', ''],
    ['<do\u0308rte@example.com>', '<do\u0308rte@example.com>', 'dörte@example.com', ''],
    ['<Postmaster>', '<Postmaster>', 'postmaster@', ''],
  ];
  for (const [text, spelling, key, rest] of cases) {
    const result = good(text);
    t.equal(result.path.spelling, spelling, text);
    t.equal(result.path.address?.key ?? null, key, text);
    t.equal(result.rest, rest, text);
  }
});

t.test('paths that are refused', async (t) => {
  const cases = [
    '',
    ' ',
    '<',
    '<a',
    '<a@',
    '<a@example.com',
    'a@example.com>',
    '<a@example.com>>',
    '<a@example.com>SIZE=1',
    '<@example.com>',
    '<a@example.com.>',
    '<a@.example.com>',
    '<a@exa..mple>',
    '<a b@example.com>',
    '<a@exam ple.com>',
    '<"a@example.com>',
    '<"a"b@example.com>',
    '<a\\b@example.com>',
    '<(comment)a@example.com>',
    '<a@[192.0.2]>',
    '<a@[192.0.2.256]>',
    '<a@[IPv6:fe80::1%eth0]>',
    '<a@[]>',
    '<a@example.com\0>',
    '<a@example.com>\r\nRCPT TO:<b@example.com>',
    '<a\tb@example.com>',
    '<a\u0085b@example.com>',
    '<a\ufffdb@example.com>',
    '<a\ud800b@example.com>',
    '<a@exämple%41.com>',
    '<root>',
    'postmaster',
    `<a@${'x'.repeat(64)}.com>`,
    `<a@${'x.'.repeat(130)}com>`,
    `<${'x'.repeat(257)}@example.com>`,
    `<${'é'.repeat(129)}@example.com>`,
  ];
  for (const text of cases) t.equal(parsePath(text).ok, false, JSON.stringify(text));
});

t.test('lengths at their bounds', async (t) => {
  t.ok(parsePath(`<${'x'.repeat(256)}@example.com>`).ok);
  const domain = `${'x'.repeat(63)}.${'y'.repeat(63)}.${'z'.repeat(63)}.${'w'.repeat(63)}`;
  t.ok(parsePath(`<a@${domain}>`).ok, 'a domain of 255 octets');
  t.notOk(parsePath(`<a@${domain}w>`).ok);
  t.notOk(parsePath(`<"${'\\x'.repeat(256)}${' '.repeat(1)}"@${domain}>`).ok);
});

t.test('the null path is for MAIL, the bare postmaster for RCPT', async (t) => {
  t.ok(parseReversePath('<>').ok);
  t.notOk(parseForwardPath('<>').ok);
  t.ok(parseForwardPath('<postmaster>').ok);
  t.notOk(parseReversePath('<postmaster>').ok);
});

t.test('only what is not ASCII needs SMTPUTF8', async (t) => {
  t.equal(good('<a@xn--bcher-kva.example>').path.needsUtf8, false);
  t.equal(good('<a@bücher.example>').path.needsUtf8, true);
  t.equal(good('<ü@example.com>').path.needsUtf8, true);
});

t.test('sub-addresses stay distinct and are known', async (t) => {
  t.equal(parseAddress('A+News+x@example.com')?.key, 'a+news+x@example.com');
  t.equal(parseAddress('A+News+x@example.com')?.untaggedKey, 'a@example.com');
  t.equal(parseAddress('+x@example.com')?.untaggedKey, null);
  t.equal(parseAddress('a@example.com')?.untaggedKey, null);
});

const anything = fc.string({ unit: 'binary', maxLength: 60 });
const pathLike = fc
  .array(
    fc.constantFrom(
      '<',
      '>',
      '@',
      '"',
      '\\',
      '.',
      ',',
      ':',
      ' ',
      'a',
      'B',
      '+',
      '[',
      ']',
      'IPv6:',
      '::1',
      '192.0.2.1',
      'xn--',
      'é',
      'ß',
      'İ',
      'Σ',
      'ς',
      '。',
      '１',
      '0x7f',
      '%41',
      '-',
      '_',
      'example.com',
      'postmaster',
      '\u0301',
      '\u00ad',
      '1',
      '\t',
      '\0',
      '𝒳',
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));

const of = (...parts: string[]) =>
  fc.array(fc.constantFrom(...parts), { minLength: 1, maxLength: 5 }).map((list) => list.join(''));
const mailbox = fc
  .tuple(
    of('a', 'B', '+', '.', 'é', 'ß', 'İ', 'Σ', 'ς', 'ﬁ', 'e\u0301', '\u0301', '\u0345', '𝒳', '%', '"', 'ǅ', '\u00ad'),
    of(
      'a',
      'B',
      '-',
      '.',
      '１',
      '0x7f',
      '9',
      'xn--',
      'bcher-kva',
      'é',
      'ß',
      'İ',
      'ς',
      '。',
      '\u00ad',
      'ﬁ',
      '\u0301',
      '_',
      '.com',
    ),
  )
  .map(([local, domain]) => `<${local}@${domain}>`);

t.test('hostile text never throws, and what parses has one key', async (t) => {
  let parsed = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        mailbox,
        mailbox,
        anything,
        pathLike,
        pathLike.map((text) => `<${text}>`),
        pathLike.map((text) => `<a@${text}>`),
      ),
      (text) => {
        const result = parsePath(text);
        if (!result.ok || result.path.address === null || result.path.address.domain === '') return;
        parsed += 1;
        const { address, spelling } = result.path;
        const again = parsePath(spelling);
        if (!again.ok) throw new Error(`the spelling ${spelling} does not parse: ${again.reason}`);
        if (again.path.spelling !== spelling) throw new Error(`${spelling} reads as ${again.path.spelling}`);
        if (again.path.address?.key !== address.key) throw new Error(`${spelling} has two keys`);
        // The key is itself an address, of the same key: exports can be imported.
        if (parseAddress(address.key)?.key !== address.key) throw new Error(`the key ${address.key} has another key`);
        if (/[\r\n\0]/.test(spelling)) throw new Error('a control character went through');
      },
    ),
    { numRuns: 20_000 },
  );
  t.ok(parsed > 100, `${parsed} parsed`);
});

t.test('any local part can be quoted and is read back', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme-ascii', maxLength: 60 }), (local) => {
      const quoted = `"${local.replace(/["\\]/g, '\\$&')}"@example.com`;
      const result = parsePath(`<${quoted}> SIZE=1`);
      if (!result.ok) throw new Error(`${quoted}: ${result.reason}`);
      if (result.path.address?.local !== local || result.rest !== 'SIZE=1') throw new Error(quoted);
    }),
  );
});
