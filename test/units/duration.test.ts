import t from 'tap';
import {
  durationInWords,
  durationSchema,
  formatDuration,
  MS,
  parseDuration,
  waitInShort,
  waitInWords,
} from '../../src/units/duration.js';
import fc from '../support/property.js';

t.test('reads durations', async (t) => {
  const cases: [string, number | null][] = [
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['48h', 172_800_000],
    ['15d', 15 * MS.d],
    ['1h30m', 5_400_000],
    ['0s', 0],
    ['36525d', 36_525 * MS.d],
    ['36526d', null],
    ['999999999999d', null],
    ['', null],
    ['15', null],
    ['15 d', null],
    ['-1d', null],
    ['1.5h', null],
    ['1w', null],
    ['d', null],
    ['1dd', null],
  ];
  for (const [text, ms] of cases) t.equal(parseDuration(text), ms, text);
});

t.test('what is written reads as the same', async () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 36_525 * MS.d }), (ms) => parseDuration(formatDuration(ms)) === ms));
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const ms = parseDuration(text);
      return ms === null || (Number.isSafeInteger(ms) && ms >= 0);
    }),
  );
});

t.test('config says what it expects', async (t) => {
  const schema = durationSchema({ minMs: MS.s, maxMs: MS.h });
  t.equal(schema.parse('90s'), 90_000);
  t.equal(schema.encode(90_000), '90s');
  for (const bad of ['999ms', '61m', 'soon']) {
    t.equal(
      schema.safeParse(bad).error?.issues[0]?.message,
      'expected a duration such as 30s, 10m, 48h or 15d, at least 1s, at most 1h',
      bad,
    );
  }
  t.notOk(schema.safeParse(5).success);
});

t.test('words for a person', async (t) => {
  const waits: [number, string, string][] = [
    [0, 'less than a minute', '1 min'],
    [59_999, 'less than a minute', '1 min'],
    [60_000, 'about 1 minute', '1 min'],
    [60_001, 'about 2 minutes', '2 min'],
    [700_000, 'about 12 minutes', '12 min'],
    [119 * MS.m, 'about 119 minutes', '119 min'],
    [2 * MS.h, 'about 2 hours', '2 h'],
    [2 * MS.h + 1, 'about 3 hours', '3 h'],
    [47 * MS.h, 'about 47 hours', '47 h'],
    [15 * MS.d, 'about 15 days', '15 d'],
  ];
  for (const [ms, words, short] of waits) {
    t.equal(waitInWords(ms), words);
    t.equal(waitInShort(ms), short);
  }
  t.equal(durationInWords(MS.h), '1 hour');
  t.equal(durationInWords(MS.d), '1 day');
  t.equal(durationInWords(48 * MS.h), '2 days');
  t.equal(durationInWords(90_000), '90 seconds');
  t.equal(durationInWords(1), '1 ms');
});

t.test('a told wait is never too short', async () => {
  const unit: Record<string, number> = { min: MS.m, h: MS.h, d: MS.d };
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 * MS.d }), (ms) => {
      const [count, word] = waitInShort(ms).split(' ');
      return Number(count) * (unit[word ?? ''] ?? 0) >= ms;
    }),
  );
});
