/** Ways to leave and how soon they take effect, in each language that Sluice brings. */

import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { createInspector } from '../../src/message/inspector.js';
import { findRevocationNotice } from '../../src/message/revocation-notice.js';
import { findUnsubscribe } from '../../src/message/unsubscribe.js';
import { builtInWords, parseWords, type Words, wordsWith } from '../../src/message/words.js';
import { SAMPLES } from './language-samples.js';
import { inspected, mail } from './mails.js';

const words = builtInWords();

const NEWS = 'Acme 2026. Lorem ipsum dolor sit amet.';

t.test('no language is without a sample', async (t) => {
  const shipped = words.languages.map(({ language }) => language).filter((language) => language !== 'mul');
  t.same(shipped, Object.keys(SAMPLES).sort());
});

for (const [language, sample] of Object.entries(SAMPLES)) {
  t.test(`to leave, in ${language}`, async (t) => {
    const byText = findUnsubscribe(
      inspected({ html: `<p>${NEWS}</p><p><a href="https://acme.example/a/1">${sample.link}</a></p>` }),
      words,
    );
    t.match(byText.means, [{ kind: 'link', where: '1', problem: null }], sample.link);
    const [before, link] = sample.around;
    const byAround = findUnsubscribe(
      inspected({ html: `<p>${NEWS}</p><p>${before} <a href="https://acme.example/a/1">${link}</a>.</p>` }),
      words,
    );
    t.match(byAround.means, [{ kind: 'link', problem: null, words: { language } }], before);
    const inText = findUnsubscribe(inspected({ text: `${NEWS}\n\n${before}: https://acme.example/a/1\n` }), words);
    t.match(inText.means, [{ kind: 'link', value: 'https://acme.example/a/1', problem: null }]);
    const byReply = findUnsubscribe(inspected({ text: `${NEWS}\n\n${sample.reply}\n` }), words);
    t.match(byReply.means, [{ kind: 'reply', problem: null, words: { language } }], sample.reply);
    const none = findUnsubscribe(
      inspected({ html: `<p>${NEWS}</p><a href="https://acme.example/a/1">${link}</a>` }),
      words,
    );
    t.same(none.means, [], 'not by a link that says nothing');
  });

  t.test(`how soon it takes effect, in ${language}`, async (t) => {
    const hours = (sentence: string) => {
      const finding = findRevocationNotice(inspected({ text: `${NEWS}\n\n${sentence}\n` }), words);
      return { found: finding.found, hours: finding.notices[0]?.hours, longer: finding.longer?.hours };
    };
    t.match(hours(sample.hours48), { found: true, hours: 48 }, sample.hours48);
    t.match(hours(sample.days2), { found: true, hours: 48 }, sample.days2);
    t.match(hours(sample.days10), { found: false, hours: 240, longer: 240 }, sample.days10);
    t.match(hours(NEWS), { found: false, hours: undefined });
  });
}

t.test('a time is a notice only where leaving is spoken of', async (t) => {
  const notices = (text: string) => findRevocationNotice(inspected({ text }), words).notices.map(({ hours }) => hours);
  t.same(notices('Our sale ends in 2 days!\n\nUnsubscribe: https://u.example/\n'), []);
  t.same(notices('You get an answer within 48 hours.\n'), []);
  t.same(notices('To unsubscribe click https://u.example/ now. Your request will be processed within 24 hours.'), [24]);
  t.same(notices('You will be removed from our mailing list immediately.'), [0]);
  t.same(notices('Unsubscribe requests take effect within forty-eight (48) hours.'), [48]);
  t.same(notices('Opting out takes 24-72 hours.'), [72]);
  t.same(notices('Unsubscribe requests take\neffect within\n48 hours.'), [48], 'broken lines');
});

t.test('what people write is no instruction to leave', async (t) => {
  const means = (text: string) => findUnsubscribe(inspected({ text }), words).means;
  t.same(means('Hi Bob,\n\nplease reply if you want me to remove the old server.\n'), []);
  t.same(means('Can you send an email to Anna? We should stop by tomorrow.\n'), []);
});

t.test('replies that nobody reads', async (t) => {
  const text = 'To unsubscribe, reply with REMOVE in the subject.';
  const { means, found } = findUnsubscribe(inspected({ header: ['From: noreply@acme.example'], text }), words);
  t.equal(found, false);
  t.match(means[0]?.problem, /nobody reads/);
  const elsewhere = { header: ['From: noreply@acme.example', 'Reply-To: leave@acme.example'], text };
  t.equal(findUnsubscribe(inspected(elsewhere), words).found, true);
});

t.test('our own files are what the schema asks for', async (t) => {
  const folder = new URL('../../src/message/words/', import.meta.url);
  const names = readdirSync(folder);
  for (const name of names) t.match(parseWords(readFileSync(new URL(name, folder), 'utf8')), { ok: true }, name);
  t.equal(builtInWords().languages.length, names.length);
});

t.test('another language, by a file', async (t) => {
  const result = parseWords('{"language": "eo", "unsubscribe": ["malabon*"], "numbers": {"du": 2}, "days": ["tagoj"]}');
  if (!result.ok) return t.fail(result.reason);
  const more = wordsWith([result.words]);
  const html = '<a href="https://acme.example/x">Malaboni</a>';
  t.equal(findUnsubscribe(inspected({ html }), words).found, false);
  t.equal(findUnsubscribe(inspected({ html }), more).found, true);
  t.equal(findRevocationNotice(inspected({ text: 'Malabono validas post du tagoj.' }), more).found, true);
  t.match(parseWords('{"language": "eo", "unsubscribed": []}'), { ok: false, reason: /unsubscribed/ });
  t.match(parseWords('{'), { ok: false });
});

t.test('greetings of another language are left out of fingerprints', async (t) => {
  const result = parseWords('{"language": "eo", "greetings": ["saluton"]}');
  if (!result.ok) return t.fail(result.reason);
  const more = wordsWith([result.words]);
  const letter = (greeting: string) =>
    mail({ text: `${greeting}\nniaj seĝoj por la ĝardeno revenis, kaj ili estas el ligno de niaj propraj arbaroj.\n` });
  const signatureOf = (greeting: string, words?: Words) => {
    const inspector = createInspector('fingerprint');
    inspector.feed(letter(greeting));
    return inspector.end(words).fingerprints[0]?.signature;
  };
  t.equal(signatureOf('Saluton kara Petro', more), signatureOf('Saluton mia Vilhelmino', more));
  t.not(signatureOf('Saluton kara Petro'), signatureOf('Saluton mia Vilhelmino'));
});
