/** Sluice as a policy server that hangs, or is not there at all: clients hear 4xx in Postfix's time, and later all is as before. */

import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    listen: [],
    policyd: { listen: [{ name: 'postfix', address: '127.0.0.1:0' }] },
    rules: { 'volume.recipients': { limits: ['3/1h'] } },
  },
});
const service = `check_policy_service inet:127.0.0.1:${sluice.port()}`;
const AWAY = 'Limits cannot be checked at the moment';
const postfix = await startPostfix(t, {
  next: sink.port,
  mainCf: {
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_recipient_restrictions: service,
    smtpd_end_of_data_restrictions: service,
    smtpd_policy_service_timeout: '2s',
    smtpd_policy_service_retry_delay: '1s',
    smtpd_policy_service_default_action: `451 4.3.5 ${AWAY}`,
  },
});

t.test('paused in the middle of a message', async (t) => {
  const client = await openSession(postfix.port);
  await client.command('MAIL FROM:<a@example.com>');
  t.match(await client.command('RCPT TO:<1@example.net>'), { code: 250 });
  sluice.signal('SIGSTOP');
  t.match(await client.command('RCPT TO:<2@example.net>'), { code: 451, text: /^4\.3\.5 .*Limits cannot be checked/ });
  sluice.signal('SIGCONT');
  t.match(await client.command('RCPT TO:<3@example.net>'), { code: 250 }, 'the same message goes on');
  await client.command('DATA');
  t.match(await client.command('Subject: x\r\n\r\n.'), { code: 250 });
  await client.close();
  const line = await sluice.waitForLog('the transaction', ({ ending }) => ending === 'passed');
  const replies = (line.recipients as { readonly reply: string }[]).map(({ reply }) => reply.slice(0, 3)).sort();
  // That one of three was not taken Postfix tells, not which.
  t.strictSame(replies, ['', '', '450']);
});

t.test('what was asked of the paused one in vain is not counted for good', async (t) => {
  const client = await openSession(postfix.port);
  const third = await until('there is room for a third recipient', async () => {
    const { end } = await sendMail(client, { to: ['4@example.net'] });
    return end;
  });
  t.match(third, { code: 250 });
  t.match((await sendMail(client, { to: ['5@example.net'] })).recipients, [{ code: 450 }], 'and for no fourth');
  await client.close();
});

t.test('not there', async (t) => {
  await sluice.kill();
  const client = await openSession(postfix.port);
  const { recipients } = await sendMail(client, { to: ['b@example.net'] });
  t.match(recipients, [{ code: 451, text: /^4\.3\.5 .*Limits cannot be checked/ }]);
  await client.close();
});
