/** A stop under load: what was begun is finished, nothing is lost or doubled, and the next start takes over. */

import { once } from 'node:events';
import net from 'node:net';
import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { freePort } from '../../support/free-port.js';
import { openSession, sendMail } from '../../support/mail.js';
import { type RelaySink, startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import type { SmtpClient } from '../../support/smtp-client.js';

function config(sink: RelaySink, port: number, more: Partial<ConfigInput> = {}): ConfigInput {
  return {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    listen: [{ name: 'test', address: `127.0.0.1:${port}` }],
    workers: 2,
    ...more,
  };
}

async function begin(port: number, to: string): Promise<SmtpClient> {
  const client = await openSession(port);
  await client.command('MAIL FROM:<a@example.com>');
  const { code, text } = await client.command(`RCPT TO:<${to}>`);
  if (code !== 250) throw new Error(`${code} ${text}`);
  return client;
}

async function finish(client: SmtpClient): Promise<string> {
  const data = await client.command('DATA');
  if (data.code !== 354) return `${data.code} ${data.text}`;
  const end = await client.command('Subject: in flight\r\n\r\nhello\r\n.');
  return `${end.code} ${end.text}`;
}

/** Sends until it hears 421 or is cut off; the subjects that were answered 250, and the last words. */
async function sendUntilStopped(port: number, number: number) {
  const subjects: string[] = [];
  const client = await openSession(port);
  for (let message = 0; ; message += 1) {
    const subject = `load ${number} ${message}`;
    const data = `Subject: ${subject}\r\n\r\nx\r\n`;
    const { mail, recipients, end } = await sendMail(client, { to: [`l${number}.${message}@example.net`], data });
    if (end?.code !== 250) return { subjects, last: end ?? recipients[0] ?? mail };
    subjects.push(subject);
  }
}

for (const workers of [2, 1]) {
  t.test(`with ${workers} worker(s), everybody finishes`, async (t) => {
    const sink = await startRelaySink(t);
    const port = await freePort();
    const sluice = await startSluice(t, { config: config(sink, port, { workers }) });
    const idle = await Promise.all([openSession(port), openSession(port), openSession(port)]);
    const begun = await Promise.all([1, 2, 3].map((number) => begin(port, `begun${number}@example.net`)));
    const inData = await begin(port, 'data@example.net');
    t.equal((await inData.command('DATA')).code, 354);
    inData.write('Subject: half\r\n\r\nthe first ha');
    const load = Promise.all([1, 2, 3, 4].map((number) => sendUntilStopped(port, number)));
    await sink.until(() => sink.messages.length > 20, 'the load');

    const stopped = sluice.stop();
    for (const client of idle) {
      t.match(
        await client.read(),
        { code: 421, text: /^4\.3\.2 This server is shutting down/ },
        'an idle one hears it',
      );
      await client.closed;
    }
    for (const client of begun) {
      t.match(await finish(client), /^250 .*queued/, 'one in a transaction finishes');
      t.match(await client.read(), { code: 421, text: /^4\.3\.2 / }, 'and hears it then');
      await client.closed;
    }
    inData.write('lf, and the second\r\n.\r\n');
    t.equal((await inData.read()).code, 250, 'one in the middle of its message too');
    const loads = await load;
    for (const { last } of loads) t.match(last, { code: 421, text: /^4\.3\.2 / });
    t.equal(await stopped, 0, 'it ends by itself, with exit code 0');

    const there = sink.messages.map(({ data }) => /Subject: (.*)\r/.exec(data.toString())?.[1]);
    const accepted = loads.flatMap(({ subjects }) => subjects);
    t.strictSame(there.filter((subject) => subject?.startsWith('load')).sort(), accepted.sort(), 'each 250 once');
    t.equal(there.length, accepted.length + 4);
    t.equal(
      sluice.transactions.filter(({ ending }) => ending === 'accepted').length,
      there.length,
      'each has its line in the log, the last ones too',
    );

    const next = await startSluice(t, { config: config(sink, port, { workers }), untilReady: false });
    const client = await openSession(port);
    t.equal((await sendMail(client, { to: ['next@example.net'] })).end?.code, 250, 'the next start accepts at once');
    await client.close();
    t.equal(await next.stop(), 0);
  });
}

t.test('clients that never finish are cut off', async (t) => {
  const sink = await startRelaySink(t);
  const port = await freePort();
  const sluice = await startSluice(t, { config: config(sink, port, { shutdownTimeout: '1s' }) });
  const stuck = await Promise.all([begin(port, 'stuck1@example.net'), begin(port, 'stuck2@example.net')]);
  const inData = await begin(port, 'stuck3@example.net');
  await inData.command('DATA');
  inData.write('Subject: never finished\r\n\r\n');
  const deaf = net.connect({ port, allowHalfOpen: true });
  await once(deaf, 'data');
  t.equal(await sluice.stop(), 0);
  deaf.destroy();
  await Promise.all([...stuck, inData].map((client) => client.closed));
  t.notOk(
    sluice.log.some(({ msg }) => /killed/.test(String(msg))),
    'the workers ended by themselves',
  );
  t.equal(sink.messages.length, 0);
  t.equal(sluice.transactions.filter(({ ending }) => ending === 'aborted').length, 3);
  const usage = await sluice.cli('usage', 'tester', '--json');
  for (const { resource, used } of JSON.parse(usage.stdout).windows) t.equal(used, 0, `no ${resource} are held`);
});

t.test('a relay that does not answer the final dot does not hold the stop up for ever', async (t) => {
  const sink = await startRelaySink(t, { steps: { END: null } });
  const port = await freePort();
  const sluice = await startSluice(t, { config: config(sink, port, { shutdownTimeout: '1s', workers: 1 }) });
  const client = await begin(port, 'b@example.net');
  await client.command('DATA');
  client.write('Subject: unknown\r\n\r\nhello\r\n.\r\n');
  await sink.until(() => sink.commands.some(({ verb }) => verb === 'END'), 'the final dot');
  t.equal(await sluice.stop(), 0);
  await client.closed;
  const usage = await sluice.cli('usage', 'tester', '--json');
  t.match(JSON.parse(usage.stdout).windows[0], { used: 1 }, 'the relay may have it, so it is charged');
});
