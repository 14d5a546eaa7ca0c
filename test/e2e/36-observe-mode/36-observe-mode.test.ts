/** `mode: observe`: nothing is refused, and everybody can see what would have been. */

import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    mode: 'observe',
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: { unknown: 'acme', list: { acme: { senders: ['example.com'] } } },
    rules: {
      'volume.messages': { limits: ['2/1h'] },
      'volume.recipients': { limits: ['3/1h'] },
      'volume.bytes': { limits: ['100B/1h'] },
      'volume.recipients-per-message': { limit: 2 },
      'volume.connections': { clientConcurrent: 1, accountConcurrent: 1 },
      'flood.recipient': { perAccount: ['1/1h'] },
      'storage.self-mail': { limits: ['10B/1d'] },
      'volume.exempt': { limits: ['1/1h'] },
    },
  },
});
const WOULD_HAVE_OBJECTED = [
  'account.sender',
  'account.standing',
  'flood.recipient',
  'recipient.suppressed',
  'storage.self-mail',
  'volume.bytes',
  'volume.connections',
  'volume.exempt',
  'volume.messages',
  'volume.recipients',
  'volume.recipients-per-message',
];

t.test('everything passes', async (t) => {
  await sluice.cli('suppress', 'add', 'suppressed@example.net', '--reason', 'complained');
  await sluice.cli('account', 'suspend', 'acme', '--reason', 'observed only');
  const [client, beside] = [await openSession(sluice.port()), await openSession(sluice.port())];
  const mails = [
    { to: ['b@example.net', 'b2@example.net', 'suppressed@example.net'] },
    { to: ['b@example.net'] },
    { to: ['self@example.com'] },
    { from: 'someone@else.example', to: ['b@example.net'] },
    { from: '', to: ['bounce1@example.net'] },
    { from: '', to: ['bounce2@example.net'] },
  ];
  for (const mail of mails) {
    const { recipients, end } = await sendMail(client, mail);
    t.same(
      [...recipients.map(({ code }) => code), end?.code],
      [...mail.to.map(() => 250), 250],
      `${mail.from ?? 'a@example.com'} to ${mail.to}`,
    );
  }
  t.equal((await sendMail(beside, { to: ['b@example.net'] })).end?.code, 250, 'a session too many');
  t.equal(sink.messages.length, mails.length + 1);
  await client.close();
  await beside.close();
});

t.test('the log, the metrics and the decisions tell what would have been', async (t) => {
  await sluice.waitForLog('the last mail', ({ reversePath, ending }) => reversePath === '' && ending === 'accepted');
  const observed = () => [...new Set(sluice.transactions.flatMap((line) => line.observed as string[]))].sort();
  await until('the log', async () => (observed().length === WOULD_HAVE_OBJECTED.length ? true : null));
  t.strictSame(observed(), WOULD_HAVE_OBJECTED);
  t.ok(
    sluice.transactions.every((line) => line.verdict === 'pass' && (line.rules as string[]).length === 0),
    'every verdict is pass',
  );
  const { body } = await sluice.get('/metrics');
  for (const rule of WOULD_HAVE_OBJECTED) {
    t.match(body, new RegExp(`sluice_objections_total\\{[^}]*rule="${rule}",mode="observe"[^}]*\\} [1-9]`));
  }
  t.notMatch(body, /mode="enforce"[^}]*\} [1-9]/);
  const asked = await until('it is written', async () => {
    const { stdout } = await sluice.cli('decisions', '--json', '--rule', 'recipient.suppressed');
    return stdout === '' ? null : stdout;
  });
  const [decision] = asked
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  t.match(decision, { account: 'acme', verdict: 'pass', ending: 'accepted' });
  const suppressed = decision.recipients.find(({ address }: { address: string }) => address.startsWith('suppressed'));
  t.match(suppressed.objections, [{ rule: 'recipient.suppressed', mode: 'observe', verdict: 'reject' }]);
});
