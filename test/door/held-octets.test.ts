import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import t from 'tap';
import { HeldOctets } from '../../src/door/smtp/held-octets.js';
import fc from '../support/property.js';

t.test('octets that come one by one take the memory of octets', async (t) => {
  setFlagsFromString('--expose-gc');
  const collectGarbage: () => void = runInNewContext('gc');
  const held = new HeldOctets();
  collectGarbage();
  const before = process.memoryUsage();
  for (let i = 0; i < 256 * 1024; i += 1) held.add(Buffer.allocUnsafeSlow(1));
  collectGarbage();
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.external - before.heapUsed - before.external;
  t.ok(grown < 4 * 1024 * 1024, `256 KiB took ${Math.round(grown / 1024)} KiB`);
  t.equal(held.length, 256 * 1024);
});

t.test('what was put in comes out, in order, whatever the sizes of the chunks', async () => {
  const chunk = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.nat(40_000).map((length) => new Uint8Array(length).fill(length % 251)),
  );
  fc.assert(
    fc.property(fc.array(chunk, { maxLength: 60 }), fc.uint8Array({ maxLength: 20 }), (chunks, prefix) => {
      const held = new HeldOctets();
      for (const octets of chunks) held.add(Buffer.from(octets));
      const whole = Buffer.concat(chunks);
      return (
        held.length === whole.length &&
        Buffer.concat(held.take(Buffer.from(prefix))).equals(Buffer.concat([prefix, whole])) &&
        held.length === 0 &&
        Buffer.concat(held.take(Buffer.from(prefix))).equals(Buffer.from(prefix))
      );
    }),
  );
});
