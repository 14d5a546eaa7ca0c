/** Redis goes away and comes back while mail flows: clients hear 451, nothing hangs, nothing is lost or sent twice. */

import t, { type Test } from 'tap';
import { startLoad } from '../../support/load.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis, until } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

async function set(t: Test, onFailure: 'defer' | 'pass') {
  const redis = await startRedis(t);
  const sink = await startRelaySink(t);
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      store: { redis: { url: redis.url }, onFailure, callTimeout: '300ms' },
      workers: 2,
    },
  });
  return { redis, sink, sluice };
}

t.test('it is killed and started again', async (t) => {
  const { redis, sink, sluice } = await set(t, 'defer');
  const load = startLoad({ ports: [sluice.port()], clients: 8 });
  await load.reached(40);
  await redis.stop();
  await sluice.waitForLog(
    'a deferred transaction',
    ({ event, verdict }) => event === 'transaction' && verdict === 'defer',
  );
  t.match(await sluice.get('/healthz'), { status: 200 }, 'the process lives');
  await until('not ready', async () => ((await sluice.get('/readyz')).status === 503 ? true : null));
  await redis.restart();
  await load.reached(load.accepted + 40);
  const { accepted, refusals, unanswered } = await load.stop();

  for (const said of refusals.keys()) t.match(said, /^4[25]1 4\.3\.[02] /, 'only temporary refusals');
  t.ok(refusals.size > 0, 'and there were some');
  t.strictSame(unanswered, [], 'every final dot was answered');
  const ids = sink.messages.map(({ data }) => /^Subject: (.*)$/m.exec(data.toString())?.[1]?.trim());
  t.strictSame(ids.toSorted(), accepted.toSorted(), 'what was accepted arrived, once');
  t.match(await sluice.get('/readyz'), { status: 200 });
});

t.test('it hangs: sockets open, no answers', async (t) => {
  const { redis, sluice } = await set(t, 'defer');
  const client = await openSession(sluice.port());
  redis.pause();
  const { mail, recipients } = await sendMail(client, { to: ['b@example.net'] });
  t.match(recipients[0] ?? mail, { code: 451, text: /^4\.3\.0 / });
  redis.resume();
  await until('mail flows again', async () => {
    const { end } = await sendMail(client, { to: ['b@example.net'] });
    return end?.code === 250 ? true : null;
  });
  await client.close();
});

t.test('with onFailure: pass mail flows without it, and the record says so', async (t) => {
  const { redis, sluice } = await set(t, 'pass');
  await redis.stop();
  const client = await openSession(sluice.port());
  t.match((await sendMail(client, { to: ['b@example.net'] })).end, { code: 250 });
  await client.close();
  t.match(await sluice.waitForLog('the transaction', ({ event }) => event === 'transaction'), {
    skipped: true,
    ending: 'accepted',
  });
});
