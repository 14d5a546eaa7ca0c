/** Alike messages meet and others do not; bench/alikeness.ts prints the same for thousands. */

import t from 'tap';
import { measure } from '../../bench/alikeness-measure.js';
import { inspect } from '../../src/message/inspector.js';
import { ALIKE, likeness } from '../../src/message/likeness.js';
import { mail } from './mails.js';

t.test('templates, personalised', async (t) => {
  for (const { template, recall, strayed } of measure(60)) {
    if (!Number.isNaN(recall)) t.ok(recall >= 0.95, `${template}: ${recall} met`);
    t.ok(strayed <= 0.02, `${template}: ${strayed} met another`);
  }
});

t.test('what differs from reader to reader does not matter', async (t) => {
  const text = (name: string, id: string): string =>
    `Dear ${name},\n\nour shop moves to a larger house in the old town and all of you are invited to the opening on Saturday: music, cake and a prize for the first hundred guests.\n\nhttps://shop.example/r/${id}\n`;
  const [one] = inspect(mail({ text: text('Bob', 'a8f3') }), 'fingerprint').fingerprints;
  const [other] = inspect(
    mail({ header: ['To: Ann <ann.lee@example.com>'], text: text('Ann Lee', '99zz7Q').replaceAll('\n', '\r\n') }),
    'fingerprint',
  ).fingerprints;
  if (one === undefined || other === undefined) return t.fail('no fingerprint');
  t.equal(likeness(one, other), 1);
  t.same(one.bands, other.bands);
  const [reply] = inspect(
    mail({
      text: `I cannot come on Saturday, sorry! Is there another day?\n\nOn Monday Shop wrote:\n> ${text('Bob', 'a8f3').replaceAll('\n', '\n> ')}`,
    }),
    'fingerprint',
  ).fingerprints;
  t.ok(reply !== undefined && likeness(one, reply) < ALIKE, 'an answer that quotes it is not it');
});

t.test('nothing to compare', async (t) => {
  t.same(inspect(mail({ text: '' }), 'fingerprint').fingerprints, []);
  t.same(inspect(Buffer.alloc(0), 'fingerprint').fingerprints, []);
  t.equal(likeness({ signature: '' }, { signature: '' }), 0);
});
