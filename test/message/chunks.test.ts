/** However a message is cut in chunks, and whatever it is, the inspection is the same and nothing is thrown. */

import t from 'tap';
import type { Bounds } from '../../src/message/inspection.js';
import { reportOf } from '../../src/message/inspection-report.js';
import { createInspector, DEFAULT_BOUNDS, inspect } from '../../src/message/inspector.js';
import { builtInWords } from '../../src/message/words.js';
import { address } from '../policy/facts.js';
import fc from '../support/property.js';

/** What messages are made of, so that random ones get somewhere. */
const WORDS = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\0',
  ' ',
  '\t',
  ':',
  '--',
  '--b',
  '--b--',
  '--c',
  '--c--',
  '\r\n--b\r\n',
  '\r\n--b--\r\n',
  '\r\n--c\r\n',
  'Content-Type: multipart/mixed; boundary=b\r\n',
  'Content-Type: multipart/alternative;\r\n boundary="c"\r\n',
  'Content-Type: text/html; charset=utf-8\r\n',
  'Content-Type: text/plain; charset=iso-2022-jp\r\n',
  'Content-Type: message/rfc822\r\n',
  'Content-Type: multipart/encrypted; boundary=b\r\n',
  'Content-Type: text/calendar; method=REQUEST\r\n',
  "Content-Disposition: attachment; filename*0*=utf-8''%e2; filename*1=x\r\n",
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Transfer-Encoding: quoted-printable\r\n',
  'From: "A" <a@example.org>, b@example.org\r\n',
  'To: g: <bob@example.net>, (c) d@e;\r\n',
  'Subject: =?utf-8?q?R=C3=A9?= =?utf-8?b?w6k=?=\r\n',
  'List-Unsubscribe: <https://u.example/x>\r\n',
  '=3D',
  '=\r\n',
  'PGh0bWw+',
  '<a href="https://u.example/unsubscribe">',
  '</a>',
  '<div style="display:none">',
  '<style>.x{display:none}',
  '<!--',
  '-->',
  '&nbsp;',
  'unsubscribe',
  'within 48 hours',
  'bob@example.net',
  'https://w.example/',
  '\xc3\xa9',
  '\xff',
];

const message = fc
  .array(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...WORDS) }, { weight: 1, arbitrary: fc.string() }), {
    maxLength: 60,
  })
  .map((words) => Buffer.from(words.join(''), 'latin1'));

const TINY: Bounds = { headerOctets: 60, headerFields: 2, parts: 4, nesting: 2, textOctets: 50, links: 1 };

function inChunks(whole: Buffer, lengths: readonly number[], bounds: Bounds): unknown {
  const inspector = createInspector('fingerprint', bounds);
  let at = 0;
  for (let index = 0; at < whole.length; index++) {
    const length = lengths[index % lengths.length] ?? 1;
    inspector.feed(Buffer.from(whole.subarray(at, at + length)));
    at += length;
  }
  return inspector.end();
}

t.test('an inspection does not depend on how the message was cut', async (t) => {
  const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(message, lengths, fc.constantFrom(DEFAULT_BOUNDS, TINY), (whole, cuts, bounds) => {
      t.same(inChunks(whole, cuts, bounds), inspect(whole, 'fingerprint', bounds));
    }),
    { numRuns: 400 },
  );
});

t.test('random octets are a message like any other', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.integer({ min: 1, max: 7 }), (octets, length) => {
      const whole = Buffer.from(octets);
      t.same(inChunks(whole, [length], DEFAULT_BOUNDS), inspect(whole, 'fingerprint'));
    }),
    { numRuns: 200 },
  );
});

t.test('the finders take whatever an inspection yields', async (t) => {
  const recipients = [address('bob@example.net'), address('"a b"@example.net')];
  const words = builtInWords();
  fc.assert(
    fc.property(message, (whole) => {
      const inspection = inspect(whole, 'fingerprint');
      const report = reportOf(inspection, { recipients, words, now: Date.now() });
      t.equal(report.size, whole.length);
      t.equal(JSON.stringify(inspection), JSON.stringify(structuredClone(inspection)), 'plain data');
    }),
    { numRuns: 300 },
  );
});

t.test('a smaller wish sees the same of what it sees', async (t) => {
  fc.assert(
    fc.property(message, (whole) => {
      const all = inspect(whole, 'fingerprint');
      t.same(inspect(whole, 'header').header, all.header);
      t.same(inspect(whole, 'text').links, all.links);
      t.same(
        inspect(whole, 'structure').attachments.map(({ part, size }) => [part, size]),
        all.attachments.map(({ part, size }) => [part, size]),
      );
    }),
    { numRuns: 200 },
  );
});
