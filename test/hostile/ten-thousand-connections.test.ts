/** Ten thousand connections at once: each is answered, a session costs little, and a customer who mails meanwhile is served. */

import t from 'tap';
import { startRelaySink } from '../support/relay-sink.js';
import { startSluice } from '../support/sluice.js';
import { connectSmtp, type SmtpClient } from '../support/smtp-client.js';
import { until } from '../support/until.js';
import { Customer } from './served-customer.js';

const CONNECTIONS = 10_000;
const SEATS = 9_000;
const MAILS = 50;

const sink = await startRelaySink(t, { keep: false });
const sluice = await startSluice(t, {
  config: {
    listen: [{ name: 'crowded', address: '127.0.0.1:0', maxSessions: SEATS }],
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    // Off, so that the listener's own bound is what holds.
    rules: { 'volume.connections': { mode: 'off' }, 'flood.recipient': { mode: 'off' } },
    decisions: { passes: 0 },
    shutdownTimeout: '1s',
  },
});
const customer = new Customer(t, sluice.port());
await customer.served(MAILS);
const quiet = await customer.served(MAILS);
t.comment(`quiet: ${quiet.told}`);

async function metric(name: RegExp): Promise<number> {
  return Number(name.exec((await sluice.get('/metrics')).body)?.[1]);
}
const memory = () => metric(/^process_resident_memory_bytes (\S+)/m);
const sessions = () => metric(/^sluice_sessions\{listener="crowded"\} (\S+)/m);

t.test('each is answered', async (t) => {
  const before = await memory();
  const clients: SmtpClient[] = [];
  const greetings = new Map<number, number>();
  const meanwhile = customer.served(MAILS);
  for (let i = 0; i < CONNECTIONS; i += 500) {
    const localAddress = `127.0.1.${1 + i / 500}`;
    const some = await Promise.all(
      Array.from({ length: 500 }, () => connectSmtp({ port: sluice.port(), localAddress })),
    );
    clients.push(...some);
    for (const { code } of await Promise.all(some.map((client) => client.read())))
      greetings.set(code, (greetings.get(code) ?? 0) + 1);
  }
  t.comment(`while they connect: ${(await meanwhile).told}`);
  const seated = greetings.get(220) ?? 0;
  t.ok(seated >= SEATS - 1 && seated <= SEATS, `${seated} are served`);
  t.equal(greetings.get(421), CONNECTIONS - seated, 'the rest hears 421');
  const turnedAway = () => sluice.log.filter((line) => /^421 4\.3\.2 Too many/.test(`${line.reason}`)).length;
  await sluice.waitForLog('all that were not served', () => turnedAway() >= CONNECTIONS - seated);
  t.equal(turnedAway(), CONNECTIONS - seated, 'a log line for each of those');
  const perSession = ((await memory()) - before) / seated;
  t.ok(perSession < 64 * 1024, `${Math.round(perSession / 1024)} KiB a session`);

  // Some leave, and the customer has a place again.
  for (const client of clients.slice(0, 10)) client.destroy();
  await until('places are free', async () => ((await sessions()) < SEATS ? true : null));
  const full = await customer.served(MAILS);
  t.comment(`with ${seated} sessions open: ${full.told}, ${(full.p99 / quiet.p99).toFixed(1)} times the quiet p99`);

  for (const client of clients) client.destroy();
  await until('nothing is left of them', async () => ((await sessions()) === 0 ? true : null));
  t.comment(`afterwards: ${(await customer.served(MAILS)).told}`);
});
