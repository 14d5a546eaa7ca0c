/** SIGTERM while mail flows: what was begun is finished, idle clients hear 421, nothing is lost or sent twice. */

import t from 'tap';
import { startLoad } from '../../support/load.js';
import { openSession } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

t.test('a graceful stop under load', async (t) => {
  const sink = await startRelaySink(t);
  // A relay that takes its time, so that many transactions are in flight.
  sink.script = { steps: { END: () => new Promise((answer) => setTimeout(() => answer(undefined), 50)) } };
  const config = { relay: { hosts: [`127.0.0.1:${sink.port}`] }, workers: 2, shutdownTimeout: '10s' };
  const sluice = await startSluice(t, { config });
  const idle = await openSession(sluice.port());
  const load = startLoad({ ports: [sluice.port()], clients: 12 });
  await load.reached(60);

  const stopped = sluice.stop();
  t.match(await idle.read(), { code: 421, text: /^4\.3\.2 / }, 'the idle client');
  await idle.closed;
  t.equal(await stopped, 0, 'it ends by itself');
  const { accepted, unanswered, refusals } = await load.stop();

  t.strictSame(unanswered, [], 'every final dot was answered');
  for (const said of refusals.keys()) t.match(said, /^421 4\.3\.2 /);
  const ids = sink.messages.map(({ data }) => /^Subject: (.*)$/m.exec(data.toString())?.[1]?.trim());
  t.strictSame(ids.toSorted(), accepted.toSorted(), 'what was accepted arrived, once');
});

t.test('a client that does not come to an end is not waited for for ever', async (t) => {
  const sink = await startRelaySink(t);
  const config = { relay: { hosts: [`127.0.0.1:${sink.port}`] }, shutdownTimeout: '300ms' };
  const sluice = await startSluice(t, { config });
  const client = await openSession(sluice.port());
  for (const line of ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA']) await client.command(line);
  client.write('Subject: never\r\n\r\nends');
  t.equal(await sluice.stop(), 0);
  await client.closed;
  t.equal(sink.messages.length, 0, 'the relay has no half message');
});

t.test('a new one starts on the same state while the old one drains', async (t) => {
  const sink = await startRelaySink(t);
  const rules = { 'volume.recipients': { limits: ['5/1h'] } };
  const config = { relay: { hosts: [`127.0.0.1:${sink.port}`] }, rules, shutdownTimeout: '10s' };
  const old = await startSluice(t, { config });
  const client = await openSession(old.port());
  await client.command('MAIL FROM:<a@example.com>');
  for (let number = 0; number < 3; number += 1) await client.command(`RCPT TO:<b${number}@example.net>`);
  const stopped = old.stop();
  await old.waitForLog('stopping', ({ msg }) => msg === 'stopping');

  const next = await startSluice(t, { config, directory: old.directory });
  const other = await openSession(next.port());
  await other.command('MAIL FROM:<a@example.com>');
  const codes = [];
  for (let number = 0; number < 3; number += 1)
    codes.push((await other.command(`RCPT TO:<c${number}@example.net>`)).code);
  t.strictSame(codes, [250, 250, 450], 'what the old one holds counts');

  t.match(await client.command('DATA'), { code: 354 });
  t.match(await client.command('Subject: x\r\n\r\nx\r\n.'), { code: 250 }, 'the transaction in flight finished');
  t.match(await client.read(), { code: 421 });
  t.equal(await stopped, 0);
  await other.close();
});
