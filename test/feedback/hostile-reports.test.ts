/** Whatever bytes come: no exception, no wrong person blamed, no time that grows faster than the input. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { countsAgainstRecipient, REPORT_KINDS, type Report } from '../../src/feedback/outcome.js';
import { readReport } from '../../src/feedback/read-report.js';
import fc from '../support/property.js';
import { CORPUS } from './corpus-check.js';

t.setTimeout(300_000);

const names = (await readdir(CORPUS, { recursive: true })).filter((name) => name.endsWith('.eml')).sort();
const messages = await Promise.all(names.map(async (name) => ({ name, octets: await readFile(join(CORPUS, name)) })));
const small = messages.filter(({ octets }) => octets.length > 0 && octets.length < 8_192);

function isSound(report: Report): boolean {
  return (
    REPORT_KINDS.includes(report.kind) &&
    report.outcomes.every(
      ({ recipient, action, permanent, diagnostic }) =>
        recipient !== '' &&
        recipient.length <= 1_000 &&
        !/[\r\n]/.test(recipient + (diagnostic ?? '')) &&
        permanent === (action === 'failed'),
    )
  );
}

function blamed(report: Report): string[] {
  return report.outcomes.filter(countsAgainstRecipient).map(({ recipient }) => recipient);
}

t.test('arbitrary bytes are read as something', async (t) => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4_096 }), (octets) => isSound(readReport(octets))),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('reports with parts taken from others are read as something', async (t) => {
  const piece = fc
    .tuple(
      fc.constantFrom(...small),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    .map(([{ octets }, a, b]) => octets.subarray(Math.min(a, b) * octets.length, Math.max(a, b) * octets.length));
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) =>
      isSound(readReport(Buffer.concat(pieces))),
    ),
    { numRuns: 300 },
  );
  t.pass();
});

t.test('cut short at any byte, a report blames nobody else', async (t) => {
  // Every byte of some of them, every so many of the others.
  for (const [index, { name, octets }] of small.entries()) {
    const whole = new Set(blamed(readReport(octets)));
    const step = index % 40 === 0 ? 1 : 101;
    for (let end = 0; end < octets.length; end += step) {
      const wrong = blamed(readReport(octets.subarray(0, end))).filter((recipient) => !whole.has(recipient));
      if (wrong.length > 0) t.fail(`${name} cut at ${end} blames ${wrong.join(', ')}`);
    }
  }
  t.pass();
});

t.test('megabytes of anything are read in time that grows with their length', { timeout: 120_000 }, async (t) => {
  const report =
    'From: MAILER-DAEMON@dest.example\nSubject: failure notice\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n';
  const repeated = (text: string): string => text.repeat(Math.ceil(2_000_000 / text.length));
  const bodies = [
    ...['@', '<', 'a', ' ', '"', '(', '=', '[', '\r', '\t', ';', '\\', '>', '&', '-', '5.', 'é'],
    ...[
      'a@',
      '"@',
      '<a@b.example>: ',
      ' \n',
      '--b\n',
      '--b\nContent-Type: multipart/mixed; boundary=b\n\n',
      '=?utf-8?q?',
    ],
    ...[
      'Final-Recipient: rfc822; a@b.example\n',
      '\n\nAction: failed\n',
      'Received: x\n',
      'From: x\nTo: y\n\n',
      '<style>',
    ],
    ...['550 ', 'no such user ', 'could not be delivered to ', 'RCPT TO:<', 'Content-Type: message/rfc822\n\n'],
  ].map(repeated);
  for (const body of bodies) {
    for (const head of ['', report, `${report}--b\n\n`, `${report}--b\nContent-Type: message/delivery-status\n\n`]) {
      t.ok(isSound(readReport(Buffer.from(head + body, 'latin1'))));
    }
  }
});

t.test('a returned message of megabytes is no reason to lose the recipient', async (t) => {
  const octets = await readFile(join(CORPUS, 'bounces/postfix/01-unknown.eml'));
  const end = octets.lastIndexOf('\n--=_rep_7f3a--');
  const long = Buffer.concat([octets.subarray(0, end), Buffer.alloc(8_000_000, 'QUJD\r\n'), octets.subarray(end)]);
  t.same(readReport(long).outcomes, readReport(octets).outcomes);
});
