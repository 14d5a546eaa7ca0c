import { deepStrictEqual } from 'node:assert/strict';
import t from 'tap';
import { AS_RECORDED, type Recollection } from '../../src/replay/recollection.js';
import { ReplayedUsage } from '../../src/replay/replayed-usage.js';
import type { WindowLimit, WindowUsage } from '../../src/store/contract.js';
import fc from '../support/property.js';

const HOUR = 3_600_000;
const NONE_MORE = { recipients: 0, 'exempt-recipients': 0 };
const NO_FLOOD = { account: 0, everyone: 0 };
const KEY = { key: 'a@example.net' };

function limit(resource: WindowLimit['resource'], count: number, perMs = HOUR): WindowLimit {
  return { rule: `volume.${resource}`, resource, perMs, count, enforced: true };
}

function used(limit: WindowLimit, used: number, over = false): WindowUsage {
  return { limit, used, over, freesUpInMs: null };
}

interface Given {
  readonly limits: readonly WindowLimit[];
  readonly declaredSize?: number;
  readonly messageUsage?: readonly WindowUsage[];
  readonly recollection?: Recollection;
}

function replay({ limits, declaredSize, messageUsage = [], recollection = AS_RECORDED }: Given) {
  const unrecorded: WindowLimit[] = [];
  const usage = new ReplayedUsage(
    { accountState: null, declaredSize: declaredSize ?? null, messageUsage },
    'acme',
    { limitsOf: (scope) => (scope === 'account' ? limits : []) },
    recollection,
    (limit) => unrecorded.push(limit),
  );
  const recipient = (recorded: readonly WindowUsage[], exempt = false, more = NONE_MORE) =>
    usage.ofRecipient(KEY, exempt, { usage: recorded, flood: NO_FLOOD }, 0, more);
  return { usage, recipient, unrecorded };
}

t.test('what the first recipient asked for its message is told of the next, when the first got nothing', async (t) => {
  const [ofRecipients, ofMessages] = [limit('recipients', 5), limit('messages', 5)];
  const { recipient } = replay({ limits: [ofRecipients, ofMessages] });
  recipient([used(ofRecipients, 5, true), used(ofMessages, 1)]);
  t.strictSame(recipient([used(ofRecipients, 5)]), [used(ofRecipients, 5), used(ofMessages, 1)], 'and nothing beside');
});

t.test('under the limits that were recorded it is what was recorded', async () => {
  const counts = fc.record({ recipients: fc.nat(50), messages: fc.nat(50), before: fc.nat(50) });
  fc.assert(
    fc.property(counts, fc.integer({ min: 1, max: 8 }), ({ recipients, messages, before }, number) => {
      const ofRecipients = limit('recipients', recipients);
      const ofMessages = limit('messages', messages);
      const { recipient, unrecorded } = replay({ limits: [ofRecipients, ofMessages] });
      let place = before;
      let held = false;
      for (let given = 0; given < number; given += 1) {
        const full = place + 1 > recipients;
        const recorded = [used(ofRecipients, full ? place : place + 1, full)];
        const none = !held && before + 1 > messages;
        if (!held) recorded.push(used(ofMessages, none ? before : before + 1, none));
        deepStrictEqual(recipient(recorded), recorded);
        if (full || none) continue;
        place += 1;
        held = true;
      }
      deepStrictEqual(unrecorded, []);
    }),
  );
});

t.test('what a message asks for once is asked for by the first who would now', async (t) => {
  const limits = [limit('recipients', 10), limit('messages', 1)] as const;
  const [ofRecipients, ofMessages] = limits;
  const { recipient } = replay({ limits: [...limits, limit('exempt-recipients', 10)] });
  const first = [used(ofRecipients, 4), used(ofMessages, 1)];
  t.strictSame(
    recipient(first, true).map(({ limit, used }) => [limit.resource, used]),
    [],
    'an exempt one asks for none of it, and its own window was not counted',
  );
  t.match(recipient([used(ofRecipients, 5)]), [used(ofRecipients, 5), used(ofMessages, 1)], 'as the first has it');
  t.strictSame(recipient([used(ofRecipients, 6)]), [used(ofRecipients, 6)], 'and nobody after that');
});

t.test('a lower limit refuses, and what would have come before is in the window', async (t) => {
  const then = limit('recipients', 10);
  const now = limit('recipients', 5);
  t.strictSame(replay({ limits: [now] }).recipient([used(then, 5)]), [used(now, 5)], 'the last place');
  t.strictSame(replay({ limits: [now] }).recipient([used(then, 6)]), [used(now, 5, true)]);
  const more = { ...NONE_MORE, recipients: 1 };
  t.strictSame(replay({ limits: [now] }).recipient([used(then, 5)], false, more), [used(now, 5, true)]);
  const recollection = { ...AS_RECORDED, difference: () => -3 };
  t.strictSame(replay({ limits: [now], recollection }).recipient([used(then, 6)], false, more), [used(now, 4)]);
});

t.test('a window that nobody recorded is told of, and counted where somebody can', async (t) => {
  const day = limit('recipients', 5, 24 * HOUR);
  const nobody = replay({ limits: [day] });
  t.strictSame(nobody.recipient([used(limit('recipients', 10), 3)]), []);
  t.strictSame(nobody.unrecorded, [day]);
  const recollection = { ...AS_RECORDED, counted: () => 2 };
  t.strictSame(replay({ limits: [day], recollection }).recipient([]), [used(day, 3)]);
});

t.test('octets beyond what was declared are asked for again, others are held', async (t) => {
  const bytes = limit('bytes', 100);
  const asked = (declaredSize: number) =>
    replay({ limits: [bytes], declaredSize, messageUsage: [used(limit('bytes', 1000), 150)] }).usage.ofMessage(
      [{ exempt: false }],
      150,
      false,
      0,
    );
  t.match(asked(200), [{ over: false }], 'it was held with a recipient');
  t.match(asked(10), [{ over: true }]);
});
