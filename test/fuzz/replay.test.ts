/** What fuzzing found stays found. */

import t from 'tap';
import { readFixtures } from './fixtures.js';
import { TARGETS } from './targets/index.js';

for (const [name, load] of Object.entries(TARGETS)) {
  t.test(name, async (t) => {
    const target = await load();
    const inputs = [...target.seeds.map((seed) => Buffer.from(seed, 'latin1')), ...readFixtures(target.name)];
    for (const input of inputs) {
      try {
        target.run(input);
      } catch (error) {
        t.fail(`${JSON.stringify(input.toString('latin1'))}: ${String(error)}`);
      }
    }
    t.ok(inputs.length > target.seeds.length, `${inputs.length} inputs`);
  });
}
