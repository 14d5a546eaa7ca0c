/** SIGHUP while mail flows: a valid config is taken at once, an invalid one not at all, and no session notices. */

import { appendFile } from 'node:fs/promises';
import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { startLoad } from '../../support/load.js';
import { openSession, sendMail } from '../../support/mail.js';
import { until } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const sink = await startRelaySink(t, { keep: false });
const withLimit = (limit: string): ConfigInput => ({
  relay: { hosts: [`127.0.0.1:${sink.port}`] },
  workers: 2,
  rules: { 'volume.recipients': { limits: [limit] }, 'flood.recipient': { mode: 'off' } },
});
const sluice = await startSluice(t, { config: withLimit('100000/1h') });

t.test('reloads under load', async (t) => {
  const load = startLoad({ ports: [sluice.port()], clients: 10 });
  await load.reached(50);
  for (let round = 1; round <= 3; round += 1) {
    await sluice.writeConfig(withLimit(`${100_000 + round}/1h`));
    sluice.signal('SIGHUP');
    await until(`reload ${round}`, async () =>
      sluice.log.filter(({ msg }) => msg === 'config reloaded').length >= round ? true : null,
    );
    await load.reached(load.accepted + 50);
  }
  const { accepted, refusals, broken, unanswered } = await load.stop();
  t.strictSame([...refusals.keys()], [], 'nobody was refused');
  t.equal(broken, 0, 'no session broke');
  t.strictSame(unanswered, []);
  t.equal(sink.messages.length, accepted.length);
});

t.test('a lower limit counts what was sent before it', async (t) => {
  await sluice.writeConfig(withLimit('10/1h'));
  sluice.signal('SIGHUP');
  const refused = await until('the new limit', async () => {
    const client = await openSession(sluice.port());
    const { recipients } = await sendMail(client, { to: ['b@example.net'] });
    await client.close();
    return recipients[0]?.code === 450 ? recipients[0] : null;
  });
  t.match(
    refused.text,
    /^4\.7\.0 \[volume\.recipients\] The limit of 10 recipients in 1 hour .*is reached \(\d{2,} used\)/,
  );
});

t.test('an invalid config is refused as a whole, with its errors, and the old one goes on', async (t) => {
  await sluice.writeConfig(withLimit('100000/1h'));
  await appendFile(sluice.configPath, 'relai:\n  hosts: []\n');
  sluice.signal('SIGHUP');
  const line = await sluice.waitForLog('the refusal', ({ reason }) => reason !== undefined);
  t.match(String(line.reason), /relai/);
  const client = await openSession(sluice.port());
  t.match(
    (await sendMail(client, { to: ['b@example.net'] })).recipients[0],
    { code: 450 },
    'the limit of 10 still holds',
  );
  await client.close();
});
