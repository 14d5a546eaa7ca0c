import t from 'tap';
import type { Lease } from '../../src/store/contract.js';
import { CallJoiner } from '../../src/store/redis/call-joiner.js';
import { Packed, packNumbers } from '../../src/store/redis/packed.js';
import { openRedisStore } from '../../src/store/redis/redis-store.js';
import { ScriptCommand } from '../../src/store/redis/script-command.js';
import { Numbers } from '../../src/store/redis/window-codec.js';
import fc from '../support/property.js';
import { startRedis } from '../support/redis.js';
import { ALL_FACTS, limitOf, newLease, recipient, reserve } from './contract/sender.js';
import { suppressionOf } from './contract/suppressions.js';
import { HOUR } from './contract/times.js';

const TIMES = { callTimeoutMs: 10_000, reservationTtlMs: 60_000, sessionTtlMs: 60_000 };

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

t.test(
  'whether anything is kept of an address is looked at first, unless something was of the account’s latest',
  async (t) => {
    const redis = await startRedis(t);
    const store = await openRedisStore({ connection: { url: redis.url }, times: TIMES });
    t.teardown(() => store.close());
    const client = redis.client();
    const scriptsRun = async () =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await client.info('commandstats'))?.[1] ?? 0);
    await store.suppress([suppressionOf('b@example.net'), suppressionOf('@example.org')]);
    const floodLimits = { account: [limitOf('messages', 100, HOUR)], everyone: [] };
    const callsFor = async (lease: Lease, key: string) => {
      const before = await scriptsRun();
      await reserve(store, lease, [], { recipients: [recipient(key)], floodLimits, facts: ALL_FACTS });
      return (await scriptsRun()) - before;
    };
    const lease = newLease();
    const calls: number[] = [];
    for (const local of ['a', 'c', 'b', 'd', 'b']) calls.push(await callsFor(lease, `${local}@example.net`));
    t.strictSame(calls, [1, 1, 2, 1, 2]);
    t.equal(
      await callsFor({ transaction: 'other', account: 'zenith' }, 'b@example.net'),
      2,
      'another account is looked at',
    );
    t.equal(await callsFor(lease, 'a@example.net'), 1, 'it is asked about at once; nothing is kept');
    t.equal(await callsFor(lease, 'c@example.net'), 1, 'it is looked');
    t.equal(await callsFor(lease, 'a@example.org'), 2, 'a domain that is suppressed is something, too');
  },
);
