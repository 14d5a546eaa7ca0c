import t from 'tap';
import { isoTime } from '../../src/telemetry/iso-time.js';
import fc from '../support/property.js';

t.test('it is what Date says, whatever was asked before', async () => {
  const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });
  fc.assert(
    fc.property(instant, fc.array(fc.integer({ min: 0, max: 2_000 }), { maxLength: 5 }), (first, later) => {
      return [first, ...later.map((ms) => first + ms)].every((now) => isoTime(now) === new Date(now).toISOString());
    }),
  );
});
