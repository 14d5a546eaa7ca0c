/** More clients at once than this process has had time to look at. */

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import t from 'tap';
import { startDoor } from '../support/door.js';
import { startRelaySink } from '../support/relay-sink.js';

const GREETED_WITHIN_MS = 60_000;

/** The kernel queues no more, whoever asks. */
async function longestQueue(): Promise<number> {
  return Number(await readFile('/proc/sys/net/core/somaxconn', 'utf8').catch(() => '128'));
}

t.test('each client of a burst is greeted', async (t) => {
  const clients = Math.min(1_500, await longestQueue());
  const sink = await startRelaySink(t);
  const rules = { 'volume.connections': { mode: 'off' as const } };
  const { port } = await startDoor(t, { relayPort: sink.port, rules, listener: { maxSessions: clients } });
  // They connect in one turn of this process, so that none is accepted before all have knocked.
  const greetings = await Promise.all(
    Array.from({ length: clients }, async () => {
      const socket = connect(port, '127.0.0.1');
      t.teardown(() => socket.destroy());
      const [greeting] = await once(socket, 'data', { signal: AbortSignal.timeout(GREETED_WITHIN_MS) });
      return String(greeting);
    }),
  );
  t.equal(greetings.filter((greeting) => greeting.startsWith('220 ')).length, clients);
});
