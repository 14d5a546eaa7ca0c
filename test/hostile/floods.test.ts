/**
 * Clients that keep the server busy, as fast as they can: each is answered and
 * in the end cut off, and a customer who mails meanwhile is served. How fast is
 * printed, not asserted: it is the machine's doing as much as ours.
 */

import t, { type Test } from 'tap';
import { startRelaySink } from '../support/relay-sink.js';
import { startSluice } from '../support/sluice.js';
import { connectSmtp, type SmtpClient } from '../support/smtp-client.js';
import { Customer } from './served-customer.js';

const sink = await startRelaySink(t, { keep: false });
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    rules: {
      'volume.recipients': { mode: 'off' },
      'volume.messages': { mode: 'off' },
      'volume.recipients-per-message': { mode: 'off' },
      'flood.recipient': { mode: 'off' },
      // The account is everybody's here; the limits on one client's address are on, as they are by default.
      'volume.connections': { accountConcurrent: null },
    },
    decisions: { passes: 0 },
    shutdownTimeout: '1s',
  },
});
const customer = new Customer(t, sluice.port());
await customer.served(50);
const quiet = await customer.served(100);
t.comment(`quiet: ${quiet.told}`);

/** Runs the attack over and over, in so many places at once, until the customer's mails are through. */
async function whileAttacked(t: Test, what: string, places: number, attack: (client: SmtpClient) => Promise<void>) {
  let over = false;
  let attacks = 0;
  let turnedAway = 0;
  const attackers = Promise.all(
    Array.from({ length: places }, async () => {
      while (!over) {
        const client = await connectSmtp({ port: sluice.port(), localAddress: '127.0.2.1' });
        const { code } = await client.read();
        if (code === 220) {
          attacks += 1;
          await attack(client);
        } else turnedAway += 1;
        client.destroy();
      }
    }),
  );
  const { told, p99 } = await customer.served(50).finally(() => {
    over = true;
  });
  await attackers;
  t.comment(`${what}: ${told}, ${(p99 / quiet.p99).toFixed(1)} times the quiet p99`);
  t.ok(
    attacks + turnedAway > 0,
    `${what}: ${attacks} times, ${turnedAway} connections refused, the customer was served`,
  );
}

async function readUntil(client: SmtpClient, last: number): Promise<void> {
  for (let { code } = await client.read(); code !== last; { code } = await client.read());
}

t.test('the customer is served', async (t) => {
  await whileAttacked(t, 'thousands of RSETs', 5, async (client) => {
    client.write('RSET\r\n'.repeat(5000));
    await readUntil(client, 421);
  });
  await whileAttacked(t, 'floods of recipients', 2, async (client) => {
    const recipients = Array.from({ length: 2000 }, (_, i) => `RCPT TO:<x${i}@example.org>\r\n`);
    client.write(`EHLO x\r\nMAIL FROM:<a@example.com>\r\n${recipients.join('')}QUIT\r\n`);
    await readUntil(client, 221);
  });
  await whileAttacked(t, 'garbage', 5, async (client) => {
    client.write(Buffer.alloc(1024 * 1024, '\0\xff\r\n'));
    await client.closed;
  });
  await whileAttacked(t, 'connections that come and go', 10, async () => {});
  t.equal(sluice.process.exitCode, null);
});
