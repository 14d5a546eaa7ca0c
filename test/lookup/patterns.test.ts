import t from 'tap';
import type { PatternTexts } from '../../src/lookup/contract.js';
import { matchPatterns, parsePatterns } from '../../src/lookup/patterns.js';
import fc from '../support/property.js';

const NOTHING: PatternTexts = { subject: [], from: [], text: [], link: [] };

t.test('a file of patterns', async (t) => {
  const { patterns, errors } = parsePatterns(`# lists for sale
list-sale text (?i)\\b(buy|sell)\\b.{0,40}\\be-?mail lists?\\b

chain any (?i)forward this to (ten|10) friends
bad-link link ^https?://[^/]*\\.zip/
`);
  t.same(errors, []);
  const match = (texts: Partial<PatternTexts>) =>
    matchPatterns(patterns, { ...NOTHING, ...texts }).map(({ pattern, field }) => `${pattern} in ${field}`);
  t.same(match({ text: ['We sell fresh email lists'] }), ['list-sale in text']);
  t.same(match({ subject: ['We sell fresh email lists'] }), []);
  t.same(match({ subject: ['Forward this to 10 friends!'], link: ['https://a.zip/x'] }), [
    'chain in subject',
    'bad-link in link',
  ]);
  t.same(match({ text: ['nothing', 'FORWARD THIS TO TEN FRIENDS'] }), ['chain in text']);
});

t.test('what is wrong with a line is told with its number', async (t) => {
  const { patterns, errors } = parsePatterns(
    'ok text x\nno\nUpper text x\na elsewhere x\nb text (x\nc text (?=x)\nd text x\\1\n',
  );
  t.equal(patterns.length, 1);
  t.same(
    errors.map(({ line }) => line),
    [2, 3, 4, 5, 6, 7],
  );
  t.match(errors[2], { found: /elsewhere/, expected: /one of subject, from, text, link, any/ });
});

t.test('no pattern and no text stalls, or throws', { timeout: 60_000 }, async (t) => {
  const { patterns } = parsePatterns('evil text ^(a+)+$\nevil2 text (a|aa)+$\nevil3 text (.*)*x');
  t.equal(patterns.length, 3);
  matchPatterns(patterns, { ...NOTHING, text: [`${'a'.repeat(100_000)}!`] });
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (line) => {
      const parsed = parsePatterns(`p any ${line.replace(/[\r\n]/g, '')}`);
      matchPatterns(parsed.patterns, { ...NOTHING, text: [line], subject: ['a'.repeat(50)] });
    }),
    { numRuns: 300 },
  );
});
