/** Whatever becomes of the relay, the client hears a temporary error, and mail flows again by itself. */

import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const to = ['b@example.net'];
const LARGE = Buffer.from(`Subject: large\r\n\r\n${'0123456789abcdef0123456789abcdef\r\n'.repeat(60_000)}`);

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    relay: {
      hosts: [`127.0.0.1:${sink.port}`],
      timeouts: { connect: '1s', greeting: '1s', command: '1s', data: '1s', block: '1s', finalDot: '1s' },
      retry: { first: '100ms', longest: '200ms' },
      pool: { acquireTimeout: '2s' },
    },
  },
});

t.afterEach(() => {
  sink.script = {};
});

/** Sends until it is accepted: the relay is thought to be down for a moment after it failed. */
async function recovers(): Promise<void> {
  await until('mail flows again', async () => {
    const client = await openSession(sluice.port());
    const { end } = await sendMail(client, { to });
    await client.close();
    return end?.code === 250 ? true : null;
  });
}

t.test('it dies in the middle of a large message', async (t) => {
  sink.script = { destroyAfterDataBytes: 600_000 };
  const client = await openSession(sluice.port());
  const { end } = await sendMail(client, { to, data: LARGE });
  t.match(end, { code: 451, text: /^4\.4\.2 .*ref=/ });
  t.equal(sink.messages.length, 0);
  sink.script = {};
  t.match((await sendMail(client, { to, data: LARGE })).end, { code: 250 }, 'the same session, once it is back');
  await client.close();
});

t.test('it dies after the final dot: nobody knows, so the client tries again', async (t) => {
  sink.script = { steps: { END: { hangUp: 'destroy' } } };
  const client = await openSession(sluice.port());
  t.match((await sendMail(client, { to })).end, { code: 451, text: /^4\.4\.2 / });
  const line = await sluice.waitForLog('unknown ending', (record) => record.ending === 'unknown');
  t.match(line, { by: 'sluice', queueId: null });
  const heard = sink.commands.filter(({ verb }) => verb === 'END').length;
  t.equal(heard, sink.ended.length, 'the final dot was sent once only');
  await client.close();
  sink.script = {};
  await recovers();
});

t.test('it does not answer in time', async (t) => {
  for (const step of ['RCPT', 'END']) {
    sink.script = { steps: { [step]: null } };
    const client = await openSession(sluice.port());
    const { recipients, end } = await sendMail(client, { to });
    t.match(end ?? recipients[0], { code: 451, text: /^4\.4\.2 / }, `silent at ${step}`);
    await client.close();
  }
  sink.script = {};
  await recovers();
});

t.test('it says 421', async (t) => {
  for (const step of ['MAIL', 'RCPT', 'DATA', 'END']) {
    sink.script = { steps: { [step]: { reply: '421 4.3.2 Service shutting down', hangUp: 'close' } } };
    const client = await openSession(sluice.port());
    const { mail, recipients, data, end } = await sendMail(client, { to });
    const last = [end, data, recipients[0], mail].find((reply) => reply !== null && reply !== undefined);
    t.ok(last !== undefined && last.code >= 400 && last.code < 500, `at ${step}: ${last?.code} ${last?.text}`);
    client.destroy();
    sink.script = {};
    await recovers();
  }
});

t.test('it closed a kept connection while that was idle: the client never knows', async (t) => {
  await recovers();
  await sink.until(() => sink.openSessions > 0, 'a kept connection');
  for (const session of sink.sessions) session.close();
  await sink.until(() => sink.openSessions === 0, 'the kept connections to end');
  const client = await openSession(sluice.port());
  t.match((await sendMail(client, { to })).end, { code: 250 });
  await client.close();
});

t.test('it dies between two commands of a transaction', async (t) => {
  const client = await openSession(sluice.port());
  t.equal((await client.command('MAIL FROM:<a@example.com>')).code, 250);
  t.equal((await client.command('RCPT TO:<b@example.net>')).code, 250);
  const open = sink.sessions.filter((session) => session.open);
  for (const session of open) session.destroy();
  await sink.until(() => sink.openSessions === 0, 'the connections to end');
  const next = await client.command('RCPT TO:<c@example.net>');
  t.match(next, { code: 451, text: /^4\.4\.2 / });
  await client.close();
  await recovers();
});

t.test('it cannot be reached, and comes back', async (t) => {
  await sink.stop();
  const client = await openSession(sluice.port());
  t.match((await sendMail(client, { to })).mail, { code: 451, text: /^4\.4\.1 / });
  await client.close();
  t.match(await sluice.get('/readyz'), { status: 503, body: /"relay":"(?!ok)/ });
  await sink.restart();
  await recovers();
  t.match(await sluice.get('/readyz'), { status: 200 });
});

t.test('nothing of all this was counted against the account', async (t) => {
  // Failures that were certain cost nothing; the one whose end nobody knows is charged.
  await recovers();
  const usage = await sluice.cli('usage', 'tester', '--json');
  t.equal(usage.code, 0, usage.stderr);
  const accepted = sluice.transactions.filter(({ ending }) => ending === 'accepted' || ending === 'unknown').length;
  const windows: { windows?: { resource: string; used: number }[] } = JSON.parse(usage.stdout);
  for (const window of windows.windows ?? []) {
    if (window.resource === 'messages' || window.resource === 'recipients') t.equal(window.used, accepted);
  }
});
