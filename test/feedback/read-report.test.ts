/** What a report says beside its outcomes: what names the message, and what is needed to believe it. */

import { readFile } from 'node:fs/promises';
import t from 'tap';
import { countsAgainstRecipient } from '../../src/feedback/outcome.js';
import { readReport } from '../../src/feedback/read-report.js';

async function read(name: string) {
  return readReport(await readFile(new URL(`corpus/${name}`, import.meta.url)));
}

t.test('a complaint gives back what its message carried', async (t) => {
  const { evidence, message } = await read('complaints/yahoo/01-abuse.eml');
  t.equal(evidence.feedbackType, 'abuse');
  t.same(evidence.tokens, [
    { name: 'feedback-id', value: 'autumn26:acme:sluice' },
    { name: 'x-campaign', value: 'autumn-26' },
  ]);
  t.equal(evidence.returnedSubject, 'Our autumn offers');
  t.match(message.messageId, /^<m\d+\.autumn@acme\.example>$/);
});

t.test('a bounce says to whom it was sent, and by whom', async (t) => {
  const { evidence, message } = await read('bounces/messaging-server/01-unknown.eml');
  t.same(evidence.sentTo, ['bounces@acme.example']);
  t.equal(evidence.sentFrom, 'postmaster@sun.dest.example');
  t.equal(evidence.reporter, 'sun.dest.example (tcp-daemon)');
  t.equal(message.envid, 'ENV7');
});

t.test('a Remove mail names the message that it answers', async (t) => {
  const idIn = (fields: string) =>
    readReport(Buffer.from(`From: bea@people.example\nSubject: Remove\n${fields}\n\n`)).message.messageId;
  t.equal(idIn('In-Reply-To: Your message <m1@acme.example> of Monday'), '<m1@acme.example>');
  t.equal(idIn('References: <m1@acme.example>\n <m2@acme.example>'), '<m2@acme.example>', 'the latest');
  t.equal(idIn('References: <m1@acme.example>\nIn-Reply-To: <m3@acme.example>'), '<m3@acme.example>');
  t.equal(idIn('In-Reply-To: m1@acme.example'), null);
  t.equal(idIn('X-Other: <m1@acme.example>'), null);
});

t.test('only a mailbox that is named can be blamed', async (t) => {
  const outcome = {
    recipient: 'sara',
    originalRecipient: null,
    action: 'failed',
    status: '5.1.1',
    diagnostic: null,
    remoteMta: null,
    class: 'unknown',
    permanent: true,
  } as const;
  t.notOk(countsAgainstRecipient(outcome));
  t.ok(countsAgainstRecipient({ ...outcome, recipient: 'sara@example.net' }));
  t.notOk(countsAgainstRecipient({ ...outcome, recipient: 'sara@example.net', class: 'reputation' }));
  t.notOk(countsAgainstRecipient({ ...outcome, recipient: 'sara@example.net', action: 'delayed', permanent: false }));
});
