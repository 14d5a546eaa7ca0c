import t from 'tap';
import { WindowTally } from '../../src/replay/window-tally.js';

const HOUR = 3_600_000;
const SLOT = HOUR / 64;

t.test('a slot counts wholly until all of it has left, as in the stores', async (t) => {
  const tally = new WindowTally(HOUR);
  const start = 1_000 * HOUR;
  tally.charge(2, start);
  tally.charge(3, start + SLOT);
  tally.charge(-1, start + SLOT);
  t.equal(tally.used(start + SLOT), 4);
  t.equal(tally.used(start + HOUR + SLOT - 1), 4);
  t.equal(tally.used(start + HOUR + SLOT), 2);
  t.equal(tally.used(start + HOUR + 2 * SLOT), 0);
});
