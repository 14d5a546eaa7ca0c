import { reportOf } from '../../../src/message/inspection-report.js';
import { createInspector } from '../../../src/message/inspector.js';
import { builtInWords } from '../../../src/message/words.js';
import { parseAddress } from '../../../src/smtp/path.js';
import { chunksOf, type FuzzTarget, must } from '../target.js';

const RECIPIENTS = ['bob@example.net', '"a b"@example.net'].flatMap((text) => parseAddress(text) ?? []);

function inspectionOf(chunks: readonly Buffer[]) {
  const inspector = createInspector('fingerprint');
  for (const chunk of chunks) inspector.feed(chunk);
  return inspector.end();
}

/** Messages, cut anywhere: one inspection, and finders that take all of them. */
export const inspection: FuzzTarget = {
  name: 'inspection',
  seeds: [
    'From: A <a@example.org>\r\nTo: g: bob@example.net;\r\nSubject: =?utf-8?q?=C3=A9?=\r\n\r\nunsubscribe https://a.example/u\r\n',
    'Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<a href=x>unsubscribe</a>\r\n--b--\r\n',
    'Content-Type: message/rfc822\r\n\r\nContent-Type: text/plain; charset=gb18030\r\nContent-Transfer-Encoding: base64\r\n\r\nxOO6ww==\r\n',
    'List-Unsubscribe: <https://a.example/u>\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nwithin 48 hours=\r\n unsubscribe=20\r\n',
  ],
  words: [
    '\r\n',
    '\n',
    '\r',
    '\r\n\r\n',
    '--b',
    '--b--',
    ' :',
    '=?utf-8?b?',
    '?=',
    'boundary=b;',
    'multipart/alternative',
    '*0*=',
    "''%",
    '<style>',
    '<!--',
    ' style="display:none;"',
    '&#0;',
    '&#x110000;',
    '(',
    '"',
    '<',
    '@',
    '\0',
    '\x80',
  ],
  run(input) {
    const whole = inspectionOf([input]);
    const cut = inspectionOf(chunksOf(input));
    must(JSON.stringify(whole) === JSON.stringify(cut), 'another inspection when cut');
    must(whole.size === input.length, 'another size');
    const report = reportOf(whole, { recipients: RECIPIENTS, words: builtInWords(), now: 0 });
    must(report.recipients.length === RECIPIENTS.length, 'a recipient without answer');
  },
};
