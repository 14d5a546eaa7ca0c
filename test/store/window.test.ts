import { t } from 'tap';
import { oldestSlot, SLOTS_PER_WINDOW, slotAt, slotLeavesAt, slotWidth } from '../../src/store/window.js';
import fc from '../support/property.js';

const MINUTE = 60_000;
const instant = fc.integer({ min: 1_500_000_000_000, max: 2_500_000_000_000 });
const per = fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: MINUTE, max: 40 * 24 * 60 * MINUTE }));

t.test('a slot counts until all of it has left the window', async (t) => {
  const hour = 64 * MINUTE;
  t.equal(slotWidth(hour), MINUTE);
  const slot = slotAt(100 * MINUTE + 59_999, hour);
  t.equal(slot, 100);
  t.equal(slotLeavesAt(slot, hour), 165 * MINUTE);
  t.equal(oldestSlot(165 * MINUTE - 1, hour), 100, 'it is the oldest to count a moment before');
  t.equal(oldestSlot(165 * MINUTE, hour), 101);
});

t.test('what was charged less than a window ago counts; nothing counts for more than a slot too long', async (t) => {
  fc.assert(
    fc.property(instant, per, fc.double({ min: 0, max: 3, noNaN: true }), (charged, perMs, ratio) => {
      const now = charged + Math.floor(ratio * perMs);
      const counts = slotAt(charged, perMs) >= oldestSlot(now, perMs);
      if (now - charged <= perMs && !counts) return false;
      return now - charged < perMs + slotWidth(perMs) || !counts;
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});

t.test('a slot counts exactly until slotLeavesAt, and a window has few of them', async (t) => {
  fc.assert(
    fc.property(instant, per, (charged, perMs) => {
      const slot = slotAt(charged, perMs);
      const leaves = slotLeavesAt(slot, perMs);
      const counted = slotAt(charged, perMs) - oldestSlot(charged, perMs) + 1;
      return (
        slot >= oldestSlot(leaves - 1, perMs) && slot < oldestSlot(leaves, perMs) && counted <= SLOTS_PER_WINDOW + 1
      );
    }),
    { numRuns: 5_000 },
  );
  t.pass();
});
