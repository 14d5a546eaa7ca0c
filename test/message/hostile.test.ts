/**
 * Hostile messages: bounds are kept, nothing is thrown, and the time grows with
 * the octets. Times are not asserted but for a limit that quadratic code would miss by far.
 */

import t from 'tap';
import { reportOf } from '../../src/message/inspection-report.js';
import { createInspector, DEFAULT_BOUNDS, inspect } from '../../src/message/inspector.js';
import { builtInWords } from '../../src/message/words.js';
import { address } from '../policy/facts.js';

/** All of them together must fit a busy machine's two minutes. */
t.setTimeout(115_000);

const MIB = 1024 * 1024;
const HALF = MIB / 2;
const HEADER = 'From: a@example.org\r\nTo: bob@example.net\r\nMIME-Version: 1.0\r\n';
const html = (body: string): string => `${HEADER}Content-Type: text/html\r\n\r\n${body}`;
const plain = (body: string): string => `${HEADER}Content-Type: text/plain\r\n\r\n${body}`;
const encoded = (encoding: string, body: string): string =>
  `${HEADER}Content-Type: text/plain\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`;
const attached = (body: string): string =>
  `${HEADER}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: a/b\r\n\r\n${body}`;

function nested(depth: number, level: (index: number) => string): string {
  return HEADER + Array.from({ length: depth }, (_, index) => level(index)).join('');
}

const HOSTILE: Readonly<Record<string, () => string>> = {
  'multiparts nested 10,000 deep': () =>
    nested(10_000, (index) => `Content-Type: multipart/mixed; boundary=b${index}\r\n\r\n--b${index}\r\n`),
  'one boundary for 10,000 multiparts': () =>
    nested(10_000, () => 'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n'),
  'messages in messages': () => nested(10_000, () => 'Content-Type: message/rfc822\r\n\r\n'),
  'a million header lines': () => `${'X: y\r\n'.repeat(1_000_000)}\r\nbody`,
  'a million lines without colon': () => `${'abc\n'.repeat(1_000_000)}\r\nbody`,
  'a field of a million lines': () => `X: y\r\n${' z\r\n'.repeat(1_000_000)}\r\nbody`,
  'endless encoded words': () => `Subject: ${'=?utf-8?q?a?= '.repeat(100_000)}\r\n\r\n`,
  'encoded words without end': () => `Subject: ${'=?utf-8?q?'.repeat(30_000)}\r\n\r\n`,
  'brackets in To': () => `To: ${'['.repeat(200_000)}\r\n\r\n`,
  'comments in To': () => `To: ${'('.repeat(200_000)}\r\n\r\n`,
  'groups in To': () => `To: ${'a:b;'.repeat(60_000)}\r\n\r\n`,
  'parameters without end': () => `Content-Type: text/plain${';a'.repeat(100_000)}=b\r\n\r\n`,
  '100,000 parts': () => `${attached('')}${'--b\r\n\r\nx\r\n'.repeat(100_000)}`,
  'dashes only': () => attached('-'.repeat(8 * HALF)),
  'lines of dashes': () => attached('--\n'.repeat(HALF)),
  'deep HTML': () => html('<div>'.repeat(100_000)),
  'end tags of nothing': () => html('<div>'.repeat(90_000) + '</span>'.repeat(90_000)),
  'links in links': () => html('<b><a href=x>'.repeat(70_000)),
  'tags that nobody knows': () => html(Array.from({ length: 60_000 }, (_, n) => `<x${n}>a</x${n - 1}>`).join('')),
  'entities without end': () => html('&CounterClockwiseContourIntegra'.repeat(HALF / 31)),
  'values of entities': () => html(`<a href="${'&amp;'.repeat(100_000)}">x</a>`),
  'styles that differ': () => html(Array.from({ length: 20_000 }, (_, n) => `<p style="color:#${n}">a`).join('')),
  'only <': () => html('<'.repeat(HALF)),
  'only &': () => html('&'.repeat(HALF)),
  'style sheets': () => html(`<style>${'.a{color:red}'.repeat(70_000)}</style><p class=a>x`),
  'media queries without end': () => html(`<style>${'@media{'.repeat(140_000)}</style>`),
  addresses: () => plain(`${'='.repeat(250)}a@example.org `.repeat(4_000)),
  'URLs with brackets': () => plain(`http://a/${')'.repeat(8_000)} `.repeat(125)),
  'a name of addresses': () => `From: ${'a'.repeat(100_000)}@${'@'.repeat(100_000)} <x@example.org>\r\n\r\n`,
  'messages in base64': () =>
    attached(
      `${`\r\n--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n${btoa('Subject: x\r\n\r\nhello')}`.repeat(5_000)}`,
    ),
  space: () => plain(`x${' '.repeat(HALF - 400)}y`),
  'words to leave': () => plain('reply remove '.repeat(HALF / 13)),
  notices: () => plain('unsubscribe within 48 hours '.repeat(HALF / 29)),
  'postal addresses': () => plain('1 Main St, NY 12345\n'.repeat(HALF / 21)),
  CJK: () => plain('退订48小时内'.repeat(HALF / 20)),
  'quoted-printable of =': () => encoded('quoted-printable', '='.repeat(HALF)),
  'base64 of paddings': () => encoded('base64', 'YQ=='.repeat(HALF / 4)),
};

/** Seconds of CPU; the worst of them take about 1, and quadratic code minutes. */
const LIMIT = 20;

for (const [name, make] of Object.entries(HOSTILE)) {
  t.test(name, { timeout: 240_000 }, async (t) => {
    const message = Buffer.from(make());
    const before = process.cpuUsage();
    const inspection = inspect(message, 'fingerprint');
    const report = reportOf(inspection, { recipients: [address('bob@example.net')], words: builtInWords(), now: 0 });
    const { user } = process.cpuUsage(before);
    t.ok(user / 1e6 < LIMIT, `${user / 1e6} s`);
    t.equal(report.size, message.length);
    t.ok(inspection.header.fields.length <= DEFAULT_BOUNDS.headerFields);
    t.ok(inspection.links.length <= DEFAULT_BOUNDS.links);
    const octets = inspection.texts.reduce((sum, { visible, hidden }) => sum + visible.length + hidden.length, 0);
    t.ok(octets <= 2 * DEFAULT_BOUNDS.textOctets, `${octets} characters of text`);
  });
}

t.test('what is beyond a bound is told', async (t) => {
  const exceeded = (message: string) => inspect(Buffer.from(message), 'text').exceeded;
  t.same(exceeded('X: y\r\n'.repeat(1_000_000)), ['headerOctets', 'headerFields']);
  t.same(exceeded(`${'X: y\r\n'.repeat(3_000)}\r\n`), ['headerFields']);
  t.match(exceeded(nested(40, (index) => `Content-Type: multipart/mixed; boundary=b${index}\r\n\r\n--b${index}\r\n`)), [
    'nesting',
  ]);
  t.match(exceeded(`${attached('')}${'--b\r\n\r\nx\r\n'.repeat(2_000)}`), ['parts']);
  t.same(exceeded(plain('x'.repeat(2 * MIB))), ['textOctets']);
  t.same(exceeded(html('<a href=http://a.example/>x</a>'.repeat(3_000))), ['links']);
  const cut = inspect(Buffer.from(plain('x'.repeat(2 * MIB))), 'text');
  t.match(cut.unseen, [{ part: '1', type: 'text/plain', why: 'bound' }]);
  t.equal(cut.texts[0]?.visible.length, DEFAULT_BOUNDS.textOctets);
});

t.test('octet by octet', { timeout: 240_000 }, async (t) => {
  const message = Buffer.from(`X: ${'word '.repeat(40_000)}\r\n\r\n${'--'.repeat(100)}\r\n${'word '.repeat(100_000)}`);
  const inspector = createInspector('text');
  for (let at = 0; at < message.length; at++) inspector.feed(message.subarray(at, at + 1));
  t.same(inspector.end(), inspect(message, 'text'));
});
