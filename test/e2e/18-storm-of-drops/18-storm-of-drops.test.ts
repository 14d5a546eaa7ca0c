/** Many clients at once that vanish anywhere in a session: afterwards nothing of them is left, here or at the relay. */

import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { connectSmtp } from '../../support/smtp-client.js';
import { until } from '../../support/until.js';

const CLIENTS = 80;
const RELAY_CONNECTIONS = 8;
const LARGE = 'x'.repeat(62).concat('\r\n').repeat(10_000);

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`], pool: { limit: RELAY_CONNECTIONS, maxIdle: RELAY_CONNECTIONS } },
    rules: { 'volume.connections': { mode: 'off' } },
    shutdownTimeout: '1s',
  },
});

async function gauge(pattern: RegExp): Promise<number> {
  const { body } = await sluice.get('/metrics');
  const found = pattern.exec(body);
  if (found === null) throw new Error(`no ${pattern} in\n${body}`);
  return Number(found[1]);
}

/** The whole conversation in one go, cut after so many octets. */
function conversation(number: number): string {
  const recipients = [1, 2, 3].map((each) => `RCPT TO:<to${number}-${each}@example.net>\r\n`).join('');
  const body = number % 4 === 0 ? LARGE : 'hello\r\n';
  return `EHLO client.example\r\nMAIL FROM:<a@example.com>\r\n${recipients}DATA\r\nSubject: ${number}\r\n\r\n${body}`;
}

t.test('a storm of clients that vanish', async (t) => {
  await Promise.all(
    Array.from({ length: CLIENTS }, async (_, number) => {
      const client = await connectSmtp({ port: sluice.port() });
      if (number % 3 !== 0) await client.read();
      const said = conversation(number);
      const cut = Math.floor((said.length * (number + 1)) / CLIENTS);
      client.socket.write(said.slice(0, cut));
      if (number % 2 === 0) client.socket.resetAndDestroy();
      else client.socket.end();
      await client.closed;
    }),
  );
  await until('no session is left', async () =>
    (await gauge(/^sluice_sessions\{[^}]*\} (\d+)/m)) === 0 ? true : null,
  );
  await until('no relay connection is in use', async () => {
    const open = await gauge(/^sluice_relay_pool\{[^}]*state="open"[^}]*\} (\d+)/m);
    return open === (await gauge(/^sluice_relay_pool\{[^}]*state="idle"[^}]*\} (\d+)/m)) ? true : null;
  });
  t.equal(await gauge(/^sluice_relay_pool\{[^}]*state="waiting"[^}]*\} (\d+)/m), 0);
  t.ok(sink.openSessions <= RELAY_CONNECTIONS, `${sink.openSessions} connections to the relay`);
  t.equal(sink.ended.length, 0, 'the relay has none of their messages');
  for (const line of sluice.transactions) t.match(String(line.ending), /^(aborted|refused)$/);
});

t.test('nothing of theirs was counted, and others are served by every connection of the pool', async (t) => {
  const usage = await sluice.cli('usage', 'tester', '--json');
  t.equal(usage.code, 0, usage.stderr);
  const { windows }: { windows: { rule: string; used: number }[] } = JSON.parse(usage.stdout);
  for (const { rule, used } of windows) t.equal(used, 0, rule);
  await Promise.all(
    Array.from({ length: RELAY_CONNECTIONS }, async (_, number) => {
      const client = await openSession(sluice.port());
      t.match((await sendMail(client, { to: [`next${number}@example.net`] })).end, { code: 250 });
      await client.close();
    }),
  );
  t.notOk(
    sluice.log.some(({ level }) => level === 'error' || level === 'fatal'),
    'no defect was met',
  );
});
