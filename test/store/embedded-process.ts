/**
 * A process of its own on an embedded store, for embedded-file.test.ts:
 * `race PATH LIMIT` sends until refused and prints how many were accepted;
 * `hold PATH` holds all room, says so, and waits to be killed;
 * `fill PATH` writes until the store fails, and prints how.
 */

import { StoreUnavailable } from '../../src/store/contract.js';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import { limitOf, newLease, recipients, reserve, send } from './contract/sender.js';
import { suppressionOf } from './contract/suppressions.js';
import { HOUR, MINUTE } from './contract/times.js';

const [, , task, path = '', count = '0'] = process.argv;
const times = { reservationTtlMs: 10 * MINUTE, sessionTtlMs: 3 * MINUTE, callTimeoutMs: 5_000 };
const store = await openEmbeddedStore({ path, times });
const limits = [limitOf('recipients', Number(count), HOUR)];

async function race(): Promise<void> {
  let accepted = 0;
  for (;;) {
    const sent = await Promise.all([1, 2, 3].map((wanted) => send(store, limits, wanted)));
    const more = sent.reduce((sum, one) => sum + one.accepted, 0);
    if (more === 0) break;
    accepted += more;
  }
  await store.close();
  process.stdout.write(`${accepted}\n`);
}

async function hold(): Promise<void> {
  await send(store, limits, 1);
  await reserve(store, newLease(), limits, { recipients: recipients(Number(count) - 1) });
  process.stdout.write('held\n');
  setInterval(() => undefined, HOUR);
}

async function fill(): Promise<void> {
  for (let batch = 0; ; batch += 1) {
    try {
      await store.suppress(
        recipients(500, `b${batch}-`).map(({ key }) => suppressionOf(key, { note: 'x'.repeat(200) })),
      );
    } catch (error) {
      const failed = error instanceof StoreUnavailable ? `${error.code} ${error.verb}` : String(error);
      const { items } = await store.suppressions({ limit: 10 });
      const again = await store.ping().then(
        () => 'pings',
        () => 'is gone',
      );
      process.stdout.write(`${failed}, reads ${items.length}, ${again}\n`);
      return;
    }
  }
}

await { race, hold, fill }[task as 'race' | 'hold' | 'fill']();
