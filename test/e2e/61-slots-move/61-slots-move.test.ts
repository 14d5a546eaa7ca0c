/** Slots of a Redis Cluster move to another node while mail flows: charges move with them, and nobody waits. */

import t from 'tap';
import { flowsOn, NO_LIMITS, nothingCrashed, nothingTwice, startLoad } from '../../support/load.js';
import { type RedisCluster, type RedisServer, startCluster } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

// A fraction of it on a quiet machine.
t.setTimeout(300_000);

/** The slots in which a node has keys that fit. */
async function slotsOf(node: RedisServer, pattern: string): Promise<Set<number>> {
  const client = node.client();
  const keys = await client.keys(pattern);
  return new Set(await Promise.all(keys.map(async (key) => Number(await client.call('CLUSTER', 'KEYSLOT', key)))));
}

/** Every slot with a key that fits moves to the next node. */
async function moveAll({ nodes, moveSlot }: RedisCluster, pattern: string): Promise<number> {
  let moved = 0;
  const whereFrom = await Promise.all(nodes.map((node) => slotsOf(node, pattern)));
  for (const [index, slots] of whereFrom.entries()) {
    for (const slot of slots) {
      const [from, to] = [nodes[index], nodes[(index + 1) % nodes.length]];
      if (from === undefined || to === undefined) throw new Error('no such node');
      await moveSlot(slot, from, to);
      moved += 1;
    }
  }
  return moved;
}

t.test('slots move under load', async (t) => {
  const cluster = await startCluster(t, 3);
  const sink = await startRelaySink(t);
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      rules: NO_LIMITS,
      store: { redis: { cluster: { nodes: cluster.nodes.map(({ port }) => `127.0.0.1:${port}`) } } },
      workers: 2,
    },
  });
  const load = startLoad(sluice.port(), 'slots');
  await flowsOn(load);
  // The account's slot, three times around; and the decisions' stream. What is kept of recipients lies all over the
  // cluster, more of it with each message.
  for (let turn = 0; turn < 3; turn += 1) {
    t.ok((await moveAll(cluster, '*{a:tester}*')) > 0, 'the account moved');
    await flowsOn(load);
  }
  t.ok((await moveAll(cluster, 'sluice:d:*')) > 0, 'the decisions moved');
  await flowsOn(load);
  const accepted = await load.stop();
  nothingTwice(t, sink, accepted);
  const odd = load.refusals.filter(({ text }) => !/^4[25]1 4\.3\.0 /.test(text));
  t.strictSame(odd, [], `${load.refusals.length} heard that the store is away, nobody anything else`);
  const usage = JSON.parse((await sluice.cli('usage', 'tester', '--json')).stdout);
  const [{ used }] = usage.windows.filter(({ resource }: { resource: string }) => resource === 'messages');
  t.ok(used >= accepted.length, `${used} charged, ${accepted.length} accepted`);
  t.ok(used <= accepted.length + load.refusals.length, 'and no more than were tried');
  nothingCrashed(t, sluice);
});
