import t from 'tap';
import { formatSize, parseSize, sizeInWords, sizeSchema } from '../../src/units/size.js';
import fc from '../support/property.js';

t.test('reads sizes', async (t) => {
  const cases: [string, number | null][] = [
    ['0', 0],
    ['512', 512],
    ['512B', 512],
    ['64KiB', 65_536],
    ['25MiB', 26_214_400],
    ['10GiB', 10_737_418_240],
    ['1TiB', 1_099_511_627_776],
    ['999999999999999TiB', null],
    ['25MB', null],
    ['25 MiB', null],
    ['2.5MiB', null],
    ['-1', null],
    ['', null],
    ['MiB', null],
  ];
  for (const [text, octets] of cases) t.equal(parseSize(text), octets, text);
});

t.test('what is written reads as the same', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), (octets) => {
      if (octets >= 10 ** 15 && octets % 1024 !== 0) return true;
      return parseSize(formatSize(octets)) === octets;
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const octets = parseSize(text);
      return octets === null || Number.isSafeInteger(octets);
    }),
  );
});

t.test('config takes text and numbers', async (t) => {
  const schema = sizeSchema();
  t.equal(schema.parse('25MiB'), 26_214_400);
  t.equal(schema.parse(1000), 1000);
  t.equal(schema.encode(26_214_400), '25MiB');
  for (const bad of ['25MB', -1, 1.5, null, {}]) {
    t.equal(schema.safeParse(bad).error?.issues[0]?.message, 'expected a size such as 512KiB, 25MiB or 10GiB');
  }
});

t.test('words for a person', async (t) => {
  t.equal(sizeInWords(312), '312 B');
  t.equal(sizeInWords(26_214_400), '25 MiB');
  t.equal(sizeInWords(1_500_000_000), '1.4 GiB');
  t.equal(sizeInWords(0), '0 B');
});
