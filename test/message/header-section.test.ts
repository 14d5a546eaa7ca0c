import t from 'tap';
import { parseDateTime } from '../../src/message/date-time.js';
import { parseHeaderSection } from '../../src/message/header-section.js';
import { inspect } from '../../src/message/inspector.js';
import { findSourceProblems } from '../../src/message/source.js';
import { inspected } from './mails.js';

function read(text: string) {
  return parseHeaderSection(Buffer.from(text, 'latin1'), 100);
}

function values(text: string) {
  return read(text).fields.map(({ name, value }) => [name, value]);
}

function defects(text: string) {
  return inspect(Buffer.from(text, 'latin1'), 'header').header.defects.map(({ kind, field }) => [kind, field]);
}

t.test('fields', async (t) => {
  t.same(values('A: 1\r\nb:2\r\nA:\r\n  3\r\n\t4\r\n'), [
    ['A', '1'],
    ['b', '2'],
    ['A', '3\t4'],
  ]);
  t.same(values('A: 1\nB: 2\n'), [
    ['A', '1'],
    ['B', '2'],
  ]);
  t.same(read('X:\r\n y \r\n').fields[0]?.raw, '\r\n y ');
});

t.test('encoded words (RFC 2047)', async (t) => {
  for (const [raw, value] of [
    ['=?utf-8?Q?Gr=C3=BC=C3=9Fe?=', 'Grüße'],
    ['=?UTF-8?B?R3LDvMOfZQ==?= there', 'Grüße there'],
    ['=?utf-8?q?a?= =?utf-8?q?b?=', 'ab'],
    ['=?utf-8?q?a?= b =?utf-8?q?c?=', 'a b c'],
    ['=?utf-8?q?a_b?=\r\n =?iso-8859-1?q?=E9?=', 'a bé'],
    ['=?utf-8?B?ww==?=\r\n =?utf-8?B?qQ==?=', 'é'],
    ['=?utf-8?q?=C3?= =?utf-8?q?=A9?=', 'é'],
    ['=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=', '日本'],
    ['=?gb2312?B?xOO6ww==?=', '你好'],
    ['=?koi8-r?B?8NLJ18XU?=', 'Привет'],
    ['=?utf-8*en?q?hi?=', 'hi'],
    ['=?utf-8?q?not closed', '=?utf-8?q?not closed'],
    ['caf\xc3\xa9', 'café'],
    ['caf\xe9', 'café'],
  ] as const)
    t.equal(read(`S: ${raw}\r\n`).fields[0]?.value, value, raw);
  t.same(defects('S: =?x-nothing?q?=e9?=\r\n\r\n'), [['bad-encoded-word', 'S']]);
});

t.test('what is wrong is noticed and read on', async (t) => {
  t.same(defects('A: 1\r\nSubject : x\r\n\r\n'), [['space-before-colon', 'Subject']]);
  t.same(defects('A: 1\rB: 2\r\n\r\n'), [['bare-cr', 'A']]);
  t.same(defects('A: 1\nB: 2\r\n\r\n'), [['bare-lf', 'A']]);
  t.same(defects('A: 1\0\r\n\r\n'), [['nul', 'A']]);
  t.same(defects('A: \x07\r\n\r\n'), [['control', 'A']]);
  t.same(defects('A: \xe9\r\n\r\n'), [['eight-bit', 'A']]);
  t.same(defects(`A: ${'x'.repeat(999)}\r\n\r\n`), [['long-line', 'A']]);
  t.same(defects('A: 1\r\n \r\nB: 2\r\n\r\n'), [['blank-fold', 'A']]);
  t.same(defects(' A: 1\r\nB: 2\r\n\r\n'), [['leading-continuation', null]]);
  t.same(defects('A: 1\r\nno field\r\nB: 2\r\n\r\n'), [['no-colon', null]]);
  t.same(defects('A: 1\r\n'), [['no-end', null]]);
  t.same(defects('A: 1\r\n\r\nBcc: x@example.org\r\n'), [['fields-after-end', null]]);
  t.same(defects('A: 1\r\n\r\nFrom: x\r\nSubject: y\r\n'), [['fields-after-end', null]]);
  t.same(defects('A: 1\r\n\r\nFrom: Anna with love\r\n\r\nDear Bob\r\n'), [], 'a text may begin so');
  t.same(
    defects('A: 1\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx'),
    [],
  );
  t.same(defects('A: 1\r\nB: 2\r\n\r\ntext'), []);
});

const CONTEXT = {
  now: Date.UTC(2026, 10, 26, 13),
  dateWithin: { past: 86_400_000, future: 3_600_000 },
  ownHosts: ['mx.sluice.example'],
};

function problems(header: readonly string[]) {
  return findSourceProblems(inspected({ header, text: 'x' }), CONTEXT).map(({ problem, field }) => [problem, field]);
}

t.test('where a message is from', async (t) => {
  t.same(problems([]), []);
  t.same(problems(['Date:']), [['missing', 'Date']]);
  t.same(problems(['From:']), [['missing', 'From']]);
  t.same(problems(['Message-ID:']), [['missing', 'Message-ID']]);
  t.same(problems(['Subject: a', 'Subject: b']), [['duplicated', 'Subject']]);
  t.same(problems(['From: a@example.org, b@example.org']), [['several-authors', 'From']]);
  t.same(problems(['From: a@example.org, b@example.org', 'Sender: a@example.org']), []);
  t.same(problems(['From: nobody']), [['malformed', 'From']]);
  t.same(problems(['From: "support@bank.example" <x@evil.example>']), [['display-name-address', 'From']]);
  t.same(problems(['From: "x@evil.example" <x@evil.example>']), []);
  t.same(problems(['Date: yesterday']), [['malformed', 'Date']]);
  t.same(problems(['Date: Thu, 26 Nov 2026 20:00:00 +0000']), [['date-far-off', 'Date']]);
  t.same(problems(['Date: Tue, 24 Nov 2026 12:00:00 +0000']), [['date-far-off', 'Date']]);
  t.same(problems(['Message-ID: 1@acme.example']), [['malformed', 'Message-ID']]);
  t.same(problems(['Return-Path: <a@example.org>']), [['forged-trace', 'Return-Path']]);
  t.same(problems(['Received: from a by mx.sluice.example; Thu, 26 Nov 2026 12:00:00 +0000']), [
    ['forged-trace', 'Received'],
  ]);
  t.same(problems(['Received: from a by b.example with ESMTP id x; Thu, 26 Nov 2026 12:00:00 +0000 (UTC)']), []);
  t.same(problems(['Received: nonsense']), [['forged-trace', 'Received']]);
  t.same(problems(['Authentication-Results: mx.sluice.example; spf=pass']), [
    ['forged-trace', 'Authentication-Results'],
  ]);
  const received = 'Received: from a by b.example with ESMTP id x; Thu, 26 Nov 2026 12:00:00 +0000';
  t.same(problems(['Authentication-Results: other.example; spf=pass', received]), []);
  t.same(problems(['Authentication-Results: other.example; spf=pass']), [['forged-trace', 'Authentication-Results']]);
  t.same(problems(['X-A : b']), [['smuggling', 'X-A']]);
});

t.test('dates', async (t) => {
  t.equal(parseDateTime('Thu, 26 Nov 2026 12:00:00 +0000'), Date.UTC(2026, 10, 26, 12));
  t.equal(parseDateTime('26 Nov 2026 12:00 -0530 (comment)'), Date.UTC(2026, 10, 26, 17, 30));
  t.equal(parseDateTime('Thu, 26 Nov 26 12:00:00 GMT'), Date.UTC(2026, 10, 26, 12));
  for (const text of [
    '',
    '31 Feb 2026 12:00:00 +0000',
    '26 Nov 2026',
    '26 Nov 2026 25:00:00 +0000',
    '2026-11-26T12:00:00Z',
  ])
    t.equal(parseDateTime(text), null, text);
});
