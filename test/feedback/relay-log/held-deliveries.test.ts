import { deepStrictEqual, equal, ok } from 'node:assert/strict';
import t from 'tap';
import { HeldDeliveries } from '../../../src/feedback/relay-log/held-deliveries.js';
import type { Delivery } from '../../../src/feedback/relay-log/log-event.js';
import { QueueFile } from '../../../src/feedback/relay-log/queue-file.js';
import fc from '../../support/property.js';

function delivery(at: number, recipient = 'a@one.example'): Delivery {
  return {
    event: 'delivery',
    at,
    host: 'mx',
    queueId: 'A1',
    fate: 'sent',
    recipient,
    originalRecipient: null,
    status: '2.0.0',
    text: '',
    remoteMta: null,
    agent: 'smtp',
    nextId: null,
    nextIsLocal: false,
  };
}

t.test('what waits for a parent waits a minute, a hand-over ten seconds', async (t) => {
  const held = new HeldDeliveries(100);
  const file = new QueueFile('A1', 'mx', 0);
  const [first, second, handedOver] = [delivery(0), delivery(50_000), delivery(0)];
  held.hold(file, first);
  held.hold(file, second);
  held.expect('B1', file, handedOver);
  t.strictSame(held.ripe(9_999), []);
  t.strictSame(held.ripe(10_000), [{ file, delivery: handedOver }]);
  t.strictSame(held.handedOverTo('B1'), [], 'it came out already');
  t.strictSame(held.ripe(59_999), []);
  t.strictSame(
    held.ripe(60_000).map(({ delivery }) => delivery),
    [first, second],
    'since the first of the file',
  );
  t.equal(held.size, 0);
});

t.test('each comes out once, in the order of its file, and no more are held than may be', async () => {
  const names = ['A1', 'B1', 'C1'];
  const name = fc.constantFrom(...names);
  const step = fc.record({
    passes: fc.constantFrom(0, 1, 4_000, 15_000),
    does: fc.constantFrom('hold', 'hold', 'expect', 'expect', 'release', 'handedOverTo', 'ripe'),
    name,
    other: name,
  });
  fc.assert(
    fc.property(fc.nat(6), fc.array(step, { maxLength: 80 }), (most, steps) => {
      const held = new HeldDeliveries(most);
      const files = new Map(names.map((id) => [id, new QueueFile(id, 'mx', 0)]));
      const fileOf = (id: string) => files.get(id) ?? new QueueFile(id, 'mx', 0);
      const put: Delivery[] = [];
      const got: Delivery[] = [];
      const heldOf = new Map<string, Delivery[]>(names.map((id) => [id, []]));
      let now = 0;
      for (const { passes, does, name, other } of steps) {
        now += passes;
        const one = delivery(now);
        if (does === 'hold' || does === 'expect') put.push(one);
        if (does === 'hold') {
          held.hold(fileOf(name), one);
          heldOf.get(name)?.push(one);
        } else if (does === 'expect') held.expect(other, fileOf(name), one);
        else if (does === 'release') got.push(...held.release(fileOf(name)));
        else if (does === 'handedOverTo') got.push(...held.handedOverTo(name).map(({ delivery }) => delivery));
        else {
          got.push(...held.ripe(now).map(({ delivery }) => delivery));
          ok(held.size <= most);
        }
        equal(held.size, put.length - got.length);
      }
      got.push(...held.ripe(Number.POSITIVE_INFINITY).map(({ delivery }) => delivery));
      deepStrictEqual(new Set(got), new Set(put));
      equal(got.length, put.length);
      for (const held of heldOf.values())
        ok(got.filter((one) => held.includes(one)).every((one, at) => one === held[at]));
    }),
  );
});
