import t from 'tap';
import {
  byteRatesSchema,
  formatByteRate,
  formatRate,
  parseByteRate,
  parseRate,
  ratesSchema,
} from '../../src/units/rate.js';
import fc from '../support/property.js';

t.test('reads rates', async (t) => {
  t.strictSame(parseRate('1000/1h'), { count: 1000, perMs: 3_600_000 });
  t.strictSame(parseRate('1000/h'), { count: 1000, perMs: 3_600_000 });
  t.strictSame(parseRate('0/30d'), { count: 0, perMs: 30 * 86_400_000 });
  t.strictSame(parseByteRate('25MiB/1d'), { count: 26_214_400, perMs: 86_400_000 });
  const bad = [
    '',
    '/',
    '1000',
    '1000/',
    '/1h',
    '1000/1h/2',
    '-1/1h',
    '1.5/1h',
    '1e3/1h',
    '1000 / 1h',
    '1/999ms',
    '1/367d',
    '1/0s',
    '25MiB/1h',
  ];
  for (const text of bad) t.equal(parseRate(text), null, text);
  for (const text of ['25MB/1d', '25MiB', '/1d', '25MiB/d/h']) t.equal(parseByteRate(text), null, text);
});

t.test('what is written reads as the same', async () => {
  const perMs = fc.integer({ min: 1000, max: 366 * 86_400_000 });
  const count = fc.integer({ min: 0, max: 10 ** 15 - 1 });
  fc.assert(
    fc.property(count, perMs, (count, perMs) => {
      const rate = { count, perMs };
      const same = (read: unknown) => JSON.stringify(read) === JSON.stringify(rate);
      return same(parseRate(formatRate(rate))) && same(parseByteRate(formatByteRate(rate)));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      parseRate(text);
      parseByteRate(text);
    }),
  );
});

t.test('lists in the config', async (t) => {
  const schema = ratesSchema();
  t.strictSame(schema.encode(schema.parse(['10/1m', '100/1h'])), ['10/1m', '100/1h']);
  t.match(schema.safeParse(['10/60s', '100/1m']).error?.issues[0]?.message, /each window/);
  t.match(schema.safeParse(['10/1x']).error?.issues[0], { path: [0], message: /expected a rate such as 1000\/1h/ });
  t.match(schema.safeParse([10]).error?.issues[0], { path: [0], message: /expected a rate such as 1000\/1h/ });
  t.notOk(schema.safeParse('10/1m').success);
  t.match(byteRatesSchema().safeParse(['1MB/1h']).error?.issues[0]?.message, /25MiB\/1d/);
});
