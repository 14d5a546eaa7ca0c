/** One account, one limit, every door at once: what is accepted at all of them together is never above it. */

import t from 'tap';
import { hear } from './hearing.js';
import { clientAt, startThreeDoors } from './three-doors.js';

const LIMIT = 60;
const CLIENTS = 4;
const MESSAGES = 12;

const { sluice, doors, delivered } = await startThreeDoors(t, {
  workers: 2,
  store: { callTimeout: '10s' },
  accounts: { unknown: 'shared' },
  rules: { 'volume.recipients': { limits: [`${LIMIT}/1h`] }, 'volume.connections': { clientConcurrent: null } },
});

/** Recipients of messages that were accepted, of one client; it resets one in three. */
async function send(door: (typeof doors)[number], number: number): Promise<number> {
  const client = await clientAt(door, 10 + number);
  let accepted = 0;
  for (let message = 0; message < MESSAGES; message += 1) {
    if (message % 3 === 2) {
      await client.command('MAIL FROM:<a@example.com>');
      await client.command(`RCPT TO:<reset-${number}@example.net>`);
      await client.command('RSET');
    }
    const to = [1, 2, 3].map((local) => `${door.name}-${number}-${message}-${local}@example.net`);
    const { recipients, end } = await hear(client, { to });
    const passed = recipients.filter((reply) => reply === '250').length;
    if (end === '250') accepted += passed;
    for (const reply of [...recipients, end ?? '250'])
      t.match(reply, /^(?:250|45[01] 4\.7\.0 \[volume\.recipients\] The limit of 60 )/);
  }
  await client.close();
  return accepted;
}

t.test('while all doors are open', async (t) => {
  const all = await Promise.all(
    doors.flatMap((door) =>
      Array.from({ length: CLIENTS }, async (_, number) => ({ door: door.name, accepted: await send(door, number) })),
    ),
  );
  const total = all.reduce((sum, { accepted }) => sum + accepted, 0);
  t.ok(total <= LIMIT, `${total} of ${LIMIT}`);
  // What was held for a reset message may have kept the very last places from others for a moment.
  t.ok(total > LIMIT / 2, `${total} of ${LIMIT}`);
  for (const { name } of doors) {
    const here = all.filter(({ door }) => door === name).reduce((sum, { accepted }) => sum + accepted, 0);
    t.comment(`${name}: ${here}`);
  }
  const usage = await sluice.cli('usage', 'shared', '--json');
  const { windows } = JSON.parse(usage.stdout) as { windows: { rule: string; used: number }[] };
  const used = windows.find(({ rule }) => rule === 'volume.recipients')?.used ?? -1;
  t.ok(used >= total && used <= LIMIT, `${used} are counted`);
});

t.test('and what was left over is there for whoever comes next, at any door', async (t) => {
  for (const door of doors) {
    const client = await clientAt(door, 50);
    for (;;) {
      const { recipients, end } = await hear(client, { to: [`last-${door.name}@example.net`] });
      if (end !== '250') {
        t.match(recipients, [/\[volume\.recipients\] The limit of 60 .*\(\d+ used\)/], door.name);
        break;
      }
    }
    await client.close();
  }
  t.ok(delivered.length > 0);
});
