/** A Postfix that stays in front asks Sluice: what its clients hear, code by code. */

import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const world = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    milter: { listen: [{ name: 'milter', address: '127.0.0.1:0' }] },
    listen: [],
    plans: { default: { rules: { 'volume.recipients': { limits: ['5/1h'] } } } },
  },
});
const postfix = await startPostfix(t, {
  next: world.port,
  mainCf: { smtpd_milters: `inet:127.0.0.1:${sluice.port('milter')}`, milter_default_action: 'tempfail' },
});

t.test('a message passes, and its decision has the queue id', async (t) => {
  const client = await openSession(postfix.port);
  const sent = await sendMail(client, { from: 'sender@example.com', to: ['one@example.net'] });
  t.match(sent.end, { code: 250 });
  await client.close();
  await world.nextMessage();
  const [, id] = /queued as (\w+)/.exec(sent.end?.text ?? '') ?? [];
  const line = await sluice.waitForLog('the transaction', ({ ending }) => ending === 'passed');
  t.match(line, { queueId: id, by: 'sluice', account: 'tester', client: '127.0.0.1', listener: 'milter' });
});
