import t from 'tap';
import { CallJoiner } from '../../src/store/redis/call-joiner.js';
import { Packed, packNumbers } from '../../src/store/redis/packed.js';
import { ScriptCommand } from '../../src/store/redis/script-command.js';
import { Numbers } from '../../src/store/redis/window-codec.js';
import fc from '../support/property.js';
import { startRedis } from '../support/redis.js';

const ECHO = { source: 'return { KEYS[1], ARGV[1], ARGV[2], ARGV[3] }', sha1: '' };

t.test('what a script is told arrives octet by octet, and so does its answer', async (t) => {
  const redis = await startRedis(t);
  const client = redis.client();
  const text = fc.string({ unit: 'binary' });
  const octets = fc.uint8Array().map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(text, text, fc.double({ noNaN: true }), octets, async (key, word, number, packed) => {
      const command = new ScriptCommand(
        'EVAL',
        ECHO,
        [key],
        [word, number, new Packed(packed.toString('latin1'))],
        null,
      );
      const answer = (await client.sendCommand(command)) as Buffer[];
      t.strictSame(answer, [Buffer.from(key), Buffer.from(word), Buffer.from(String(number)), packed]);
    }),
    { numRuns: 200 },
  );
});

t.test('numbers come out as they were packed', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ noNaN: true })), (list) => {
      const numbers = Numbers.in(Buffer.from(packNumbers(list), 'latin1'));
      t.strictSame(
        list.map(() => numbers.next()),
        list,
      );
      t.throws(() => numbers.next(), RangeError, 'and no more than that');
    }),
  );
});

t.test('calls of one turn leave in order, each once, and only those together that were foreseen', async (t) => {
  const NAMES = ['reserve-account', 'reserve-recipients', 'read-account', 'refund'] as const;
  const FORESEEN = ['read-account reserve-account', 'read-account reserve-account reserve-recipients'];
  const group = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 2 });
  await fc.assert(
    fc.asyncProperty(fc.array(group, { maxLength: 8 }), async (groups) => {
      const sent: string[][][] = [];
      const joiner = new CallJoiner(
        (names) => (FORESEEN.includes(names.join(' ')) ? 'joint' : null),
        (run) => sent.push(run.map(({ calls }) => calls.map(({ name }) => name))),
      );
      for (const names of groups) {
        const calls = names.map((name) => ({ name, keys: [], args: [], read: () => null }));
        joiner.add({ verb: 'test', calls, settled: () => undefined });
      }
      t.strictSame(sent, [], 'nothing leaves before the turn is over');
      await new Promise((resolve) => process.nextTick(resolve));
      t.strictSame(sent.flat(), groups);
      for (const run of sent) if (run.length > 1) t.ok(FORESEEN.includes(run.flat().join(' ')), run.flat().join(' '));
    }),
  );
});
