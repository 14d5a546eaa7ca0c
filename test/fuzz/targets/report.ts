import { countsAgainstRecipient } from '../../../src/feedback/outcome.js';
import { readReport } from '../../../src/feedback/read-report.js';
import { type FuzzTarget, must } from '../target.js';

const DSN = [
  'Return-Path: <>',
  'From: MAILER-DAEMON@relay.example',
  'Subject: Undelivered Mail Returned to Sender',
  'Content-Type: multipart/report; report-type=delivery-status; boundary=b',
  '',
  '--b',
  '',
  '<bob@example.net>: host mx said: 550 5.1.1 no such user',
  '--b',
  'Content-Type: message/delivery-status',
  '',
  'Reporting-MTA: dns; relay.example',
  '',
  'Final-Recipient: rfc822; bob@example.net',
  'Action: failed',
  'Status: 5.1.1',
  '--b',
  'Content-Type: text/rfc822-headers',
  '',
  'To: bob@example.net',
  '--b--',
  '',
].join('\n');

/** Bounces, feedback reports and answers of strangers. */
export const report: FuzzTarget = {
  name: 'report',
  seeds: [
    DSN,
    DSN.replaceAll('\n', '\r'),
    'From: MAILER-DAEMON@a.example\r\nSubject: failure notice\r\n\r\n<bob@example.net>:\r\nno mailbox here by that name\r\n--- Below this line is a copy of the message.\r\n\r\nTo: bob@example.net\r\n',
    'From: fbl@a.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=f\n\n--f\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: <bob@example.net>\n\n--f--\n',
    'From: Bob <bob@example.net>\nSubject: Remove\n\n',
    'From: bob@example.net\nSubject: Out of office\nAuto-Submitted: auto-replied\n\nI am away.\n',
  ],
  words: [
    '\n\n',
    '--b\n',
    '--b--\n',
    'Content-Type: message/rfc822\n\n',
    'Content-Transfer-Encoding: base64\n',
    'Content-Transfer-Encoding: quoted-printable\n',
    'Final-Recipient: x400; /C=DE/\n',
    'Original-Recipient: rfc822;',
    'Action: delayed\n',
    'Status: 4.2.2 (full)\n',
    '=?utf-8?b?QA==?=',
    '=?iso-2022-jp?q?\x1b$B?=',
    '<@a,@b:',
    '>From ',
    'user unknown',
    'spamhaus',
    '\r',
    '"',
    '@',
  ],
  run(input) {
    const { kind, outcomes } = readReport(input);
    for (const outcome of outcomes) {
      must(outcome.recipient !== '' && outcome.recipient.length <= 1_000, 'a recipient without a name');
      must(!/[\r\n]/.test(outcome.recipient + (outcome.diagnostic ?? '')), 'a line end in a field');
      must(outcome.permanent === (outcome.action === 'failed'), 'permanent, and not failed');
      must(!countsAgainstRecipient(outcome) || kind === 'dsn' || kind === 'bounce', `${kind} blames somebody`);
    }
  },
};
