/** A relay that closes down says why: the client hears its words, with a code that lets it try again. */

import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const to = ['b@example.net'];
const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    relay: {
      hosts: [`127.0.0.1:${sink.port}`],
      retry: { first: '50ms', longest: '100ms' },
      timeouts: { connect: '1s', greeting: '1s', command: '1s', data: '1s', block: '1s', finalDot: '1s' },
      pool: { acquireTimeout: '2s' },
    },
    shutdownTimeout: '1s',
  },
});

t.afterEach(() => {
  sink.script = {};
});

async function flows(): Promise<true | null> {
  const client = await openSession(sluice.port());
  const { end } = await sendMail(client, { to });
  await client.close();
  return end?.code === 250 ? true : null;
}

for (const step of ['MAIL', 'RCPT', 'DATA', 'END']) {
  t.test(`421 at ${step}: the words come through, and the session goes on`, async (t) => {
    const words = ['4.3.2 relay.example closes for', '4.3.2 maintenance until noon'];
    sink.script = { steps: { [step]: { reply: `421-${words[0]}\n421 ${words[1]}`, hangUp: 'close' } } };
    const client = await openSession(sluice.port());
    const { mail, recipients, data, end } = await sendMail(client, { to });
    const last = [end, data, recipients[0], mail].find((reply) => reply !== null && reply !== undefined);
    t.match(last, { code: 451, lines: words }, 'a 421 of ours would end the client session');
    sink.script = {};
    await until('mail flows', flows);
    await client.command('RSET');
    t.match((await sendMail(client, { to })).end, { code: 250 }, 'in the same client session');
    await client.close();
  });
}

t.test('421 instead of a greeting', async (t) => {
  for (const session of sink.sessions) session.close();
  await sink.until(() => sink.openSessions === 0, 'kept connections to end');
  sink.script = { steps: { CONNECT: { reply: '421 4.3.2 Too busy', hangUp: 'close' } } };
  const client = await openSession(sluice.port());
  t.match((await sendMail(client, { to })).mail, { code: 451, text: /^4\.4\.1 .*ref=/ });
  await client.close();
  t.equal((await sluice.get('/readyz')).status, 503);
  sink.script = {};
  await until('mail flows', flows);
  t.equal((await sluice.get('/readyz')).status, 200);
});

t.test('many lines, odd codes and no status: as the relay said them', async (t) => {
  const said = ['550-One', '550-', '550-  two  blanks', '550 End'].join('\n');
  const lines = ['One', '', '  two  blanks', 'End'];
  for (const step of ['MAIL', 'RCPT', 'DATA', 'END']) {
    sink.script = { steps: { [step]: said } };
    const client = await openSession(sluice.port());
    const { mail, recipients, data, end } = await sendMail(client, { to });
    const last = [end, data, recipients[0], mail].find((reply) => reply !== null && reply !== undefined);
    t.match(last, { code: 550, lines }, `at ${step}`);
    await client.close();
  }
  sink.script = { steps: { RCPT: '251 User not local; will forward', END: '250 Accepted, without a queue id' } };
  const client = await openSession(sluice.port());
  await client.command('MAIL FROM:<a@example.com>');
  t.match(await client.command('RCPT TO:<b@example.net>'), { code: 251, text: 'User not local; will forward' });
  t.match(await client.command('DATA'), { code: 354 });
  t.match(await client.command('Subject: x\r\n\r\nx\r\n.'), { code: 250, text: 'Accepted, without a queue id' });
  await client.close();
});

t.test('the relay is restarted: kept connections are stale, and no client hears of it', async (t) => {
  await Promise.all(Array.from({ length: 5 }, flows));
  t.ok(sink.openSessions > 0, 'connections are kept');
  await sink.stop();
  await sink.restart();
  for (let mail = 0; mail < 5; mail += 1) t.ok(await flows());
});

t.test('a slow relay within its time is waited for', async (t) => {
  const slowly = (): Promise<undefined> => new Promise((resolve) => setTimeout(() => resolve(undefined), 300));
  sink.script = { steps: { MAIL: slowly, RCPT: slowly, DATA: slowly, END: slowly } };
  t.ok(await flows());
});
