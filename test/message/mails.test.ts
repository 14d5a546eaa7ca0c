/** Whole messages of each kind, and what is seen in them. */

import { readFileSync } from 'node:fs';
import t from 'tap';
import { type InspectionReport, reportOf } from '../../src/message/inspection-report.js';
import { inspect } from '../../src/message/inspector.js';
import { builtInWords } from '../../src/message/words.js';
import { address } from '../policy/facts.js';

const NOW = Date.UTC(2026, 10, 26, 13);

function report(name: string): InspectionReport {
  const message = readFileSync(new URL(`mails/${name}.eml`, import.meta.url));
  const context = { recipients: [address('bob@example.net')], words: builtInWords(), now: NOW };
  return reportOf(inspect(message, 'fingerprint'), context);
}

t.test('a delivery report', async (t) => {
  const seen = report('dsn');
  t.equal(seen.kind, 'delivery-status');
  t.same(seen.bulk, { declared: false, signs: [] }, 'Precedence: bulk asks for no answer, and is no bulk');
  t.same(
    seen.structure?.children.map(({ path, role, type }) => [path, role, type]),
    [
      ['1', 'text', 'text/plain'],
      ['2', 'report', 'message/delivery-status'],
      ['3', 'report', 'text/rfc822-headers'],
    ],
  );
  t.same(seen.attachments, []);
  t.same(seen.source, []);
});

t.test('a feedback report', async (t) => {
  const seen = report('feedback-report');
  t.equal(seen.kind, 'feedback-report');
  t.equal(seen.bulk.declared, false);
  t.same(seen.unsubscribe.means, [], 'what the reported message offers is not its own');
  t.match(seen.recipients, [{ visible: false, sightings: [] }]);
  t.match(seen.texts, [
    { part: '1', embedded: false },
    { part: '3.1', embedded: true },
  ]);
});

t.test('an invitation', async (t) => {
  const seen = report('invitation');
  t.equal(seen.kind, 'calendar');
  t.same(
    seen.texts.map(({ part, kind, alternativeOf }) => [part, kind, alternativeOf]),
    [
      ['1.1', 'plain', '1'],
      ['1.2', 'html', '1'],
      ['1.3', 'calendar', '1'],
    ],
  );
  t.equal(seen.texts[2]?.visible, 'Planning, with coffee\nRoom 5');
  t.match(seen.attachments, [{ part: '2', name: 'invite.ics', type: 'application/ics', size: 24 }]);
  t.match(seen.recipients, [{ visible: true, sightings: ['to'] }]);
});

t.test('encrypted messages cannot be seen into', async (t) => {
  const pgp = report('pgp');
  t.same(pgp.unseen, [{ part: '0', type: 'multipart/encrypted', why: 'encrypted' }]);
  t.equal(pgp.visibleText, '');
  t.same(pgp.attachments, []);
  t.same(report('smime').unseen, [{ part: '1', type: 'application/pkcs7-mime', why: 'encrypted' }]);
});

t.test('an answer by a person', async (t) => {
  const seen = report('reply');
  t.equal(seen.kind, 'reply');
  t.equal(seen.bulk.declared, false);
  t.match(seen.subject, { subject: 'AW: Grüße', replyPrefix: 'AW', threaded: true, empty: false, oddities: [] });
  t.same(seen.findings['message.subject'], []);
  t.equal(seen.visibleText, 'Danke!\n\nAm Montag schrieb Anna:\n> Viele Gruesse\n');
});

t.test('a newsletter that a person forwards', async (t) => {
  const seen = report('forward');
  t.equal(seen.kind, 'forward');
  t.equal(seen.bulk.declared, false);
  t.same(seen.unsubscribe.means, []);
  t.same(
    seen.attachments.map(({ part, type, name }) => [part, type, name]),
    [
      ['2', 'message/rfc822', 'News.eml'],
      ['3', 'image/png', '€.png'],
    ],
  );
  t.same(
    seen.texts.map(({ part, embedded }) => [part, embedded]),
    [
      ['1', false],
      ['2.1', true],
      ['2.2', true],
    ],
  );
  t.equal(seen.visibleText, 'Look at this.');
});
