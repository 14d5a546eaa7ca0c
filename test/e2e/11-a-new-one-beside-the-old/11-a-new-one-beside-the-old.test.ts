/** A restart without a gap: a new instance takes mail on the same state while the old one finishes. */

import t from 'tap';
import { openSession } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

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
