/** One story for each limit: the reply that a client hears, code, status and rule as docs/replies.md has them. */

import t, { type Test } from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { connectSmtp, type SmtpClient, type SmtpClientReply } from '../../support/smtp-client.js';

/** A client address for each account. */
const ADDRESSES = {
  warm: '127.0.1.1',
  flood: '127.0.1.2',
  declared: '127.0.1.3',
  undeclared: '127.0.1.4',
  many: '127.0.1.5',
  self: '127.0.1.6',
  busy: '127.0.1.7',
  crowded: '127.0.1.8',
  bounces: '127.0.1.9',
} as const;
type Account = keyof typeof ADDRESSES;

const BYTES = { 'volume.bytes': { limits: ['1000B/1h'] } };

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    rules: { 'volume.connections': { clientConcurrent: 3 } },
    accounts: {
      unknown: 'refuse',
      identify: [{ address: Object.fromEntries(Object.entries(ADDRESSES).map(([account, ip]) => [ip, account])) }],
      list: {
        warm: { rules: { 'volume.warm-up': { ramp: [{ day: 3, recipients: 2 }] } } },
        flood: { rules: { 'flood.recipient': { perAccount: ['2/1h'] } } },
        declared: { rules: BYTES },
        undeclared: { rules: BYTES },
        many: { rules: { 'volume.recipients-per-message': { limit: 2 } } },
        self: { senders: ['self.example'], rules: { 'storage.self-mail': { limits: ['1000B/1d'] } } },
        busy: { rules: { 'volume.connections': { accountConcurrent: 1 } } },
        bounces: { rules: { 'volume.exempt': { limits: ['1/1h'] }, 'volume.recipients': { limits: ['1/1h'] } } },
      },
    },
  },
});

const open = (account: Account) => openSession(sluice.port(), { localAddress: ADDRESSES[account] });

function story(account: Account, act: (t: Test, client: SmtpClient) => Promise<void>): void {
  t.test(account, async (t) => {
    const client = await open(account);
    await act(t, client);
    await client.close();
  });
}

/** A message of so many octets. */
function message(octets: number): string {
  const head = 'Subject: x\r\n\r\n';
  return `${head}${'y'.repeat(octets - head.length - 2)}\r\n`;
}

function hears(t: Test, reply: SmtpClientReply | null | undefined, expected: string, sentence: RegExp): void {
  const text = `${reply?.code} ${reply?.text}`;
  t.ok(text.startsWith(`${expected} `), `${text} (expected ${expected})`);
  t.match(text, sentence);
  t.match(text, / ref=\S+$/);
}

story('warm', async (t, client) => {
  const { recipients, end } = await sendMail(client, { to: ['a@example.net', 'b@example.net', 'c@example.net'] });
  t.equal(end?.code, 250);
  const sentence = /A new account may mail 2 recipients in 1 day for now \(2 used\), please try again in /;
  hears(t, recipients[2], '450 4.7.0 [volume.warm-up]', sentence);
});

story('flood', async (t, client) => {
  const to = ['victim@example.net', 'other@example.net'];
  for (let sent = 0; sent < 2; sent += 1)
    t.equal((await sendMail(client, { to: ['victim@example.net'] })).end?.code, 250);
  const { recipients } = await sendMail(client, { to });
  const sentence = /The limit of 2 messages in 1 hour to one address is reached for <victim@example\.net>/;
  hears(t, recipients[0], '451 4.7.28 [flood.recipient]', sentence);
  t.equal(recipients[1]?.code, 250, 'others are mailed');
});

const REACHED = /The limit of .* in 1 hour for this account is reached \(.* used\), please try again in /;
const NEVER = /At most .* in 1 hour are allowed for this account, so .* can never pass/;

story('declared', async (t, client) => {
  const to = ['b@example.net'];
  const huge = await sendMail(client, { to, mailParameters: 'SIZE=1001' });
  hears(t, huge.recipients[0], '552 5.7.0 [volume.bytes]', NEVER);
  const fits = await sendMail(client, { to, mailParameters: 'SIZE=800', data: message(800) });
  t.equal(fits.end?.code, 250);
  const over = await sendMail(client, { to, mailParameters: 'SIZE=201' });
  hears(t, over.recipients[0], '450 4.7.0 [volume.bytes]', REACHED);
  const rest = await sendMail(client, { to, mailParameters: 'SIZE=200', data: message(200) });
  t.equal(rest.end?.code, 250, 'to the last octet');
});

story('undeclared', async (t, client) => {
  const to = ['b@example.net'];
  const huge = await sendMail(client, { to, data: message(1001) });
  hears(t, huge.end, '552 5.7.0 [volume.bytes]', NEVER);
  t.equal((await sendMail(client, { to, data: message(800) })).end?.code, 250);
  hears(t, (await sendMail(client, { to, data: message(201) })).end, '451 4.7.0 [volume.bytes]', REACHED);
  const lied = await sendMail(client, { to, mailParameters: 'SIZE=100', data: message(300) });
  hears(t, lied.end, '451 4.7.0 [volume.bytes]', REACHED);
  t.equal((await sendMail(client, { to, data: message(200) })).end?.code, 250, 'to the last octet');
});

story('many', async (t, client) => {
  const to = ['a@example.net', 'b@example.net', 'a@example.net', 'c@example.net'];
  const { recipients, end } = await sendMail(client, { to });
  t.strictSame(
    recipients.map(({ code }) => code),
    [250, 250, 250, 452],
    'one that was named twice counts once',
  );
  hears(t, recipients[3], '452 4.5.3 [volume.recipients-per-message]', /A message may have at most 2 recipients/);
  t.equal(end?.code, 250);
  t.equal((await sendMail(client, { to: ['c@example.net'] })).end?.code, 250, 'the next message takes the others');
});

story('self', async (t, client) => {
  const from = 'me@self.example';
  const to = ['me@self.example', 'archive@self.example'];
  hears(
    t,
    (await sendMail(client, { from, to, data: message(1001) })).end,
    '552 5.7.0 [storage.self-mail]',
    /At most /,
  );
  t.equal((await sendMail(client, { from, to, data: message(800) })).end?.code, 250);
  const over = await sendMail(client, { from, to, data: message(300) });
  hears(t, over.end, '451 4.7.0 [storage.self-mail]', /for mail of this account to itself is reached/);
  const shared = await sendMail(client, { from, to: [...to, 'friend@example.net'], data: message(300) });
  t.equal(shared.end?.code, 250, 'mail that others get too is no storage');
});

story('busy', async (t, client) => {
  t.equal((await sendMail(client, { to: ['b@example.net'] })).end?.code, 250);
  const second = await open('busy');
  const sentence = /At most 1 connections? at once (is|are) allowed here, please use those that are open/;
  hears(t, (await sendMail(second, { to: ['b@example.net'] })).mail, '421 4.7.0 [volume.connections]', sentence);
  await second.closed;
  t.equal((await sendMail(client, { to: ['b@example.net'] })).end?.code, 250, 'the first goes on');
});

story('crowded', async (t, client) => {
  const more = [await open('crowded'), await open('crowded')];
  const fourth = await connectSmtp({ port: sluice.port(), localAddress: ADDRESSES.crowded });
  hears(t, await fourth.read(), '421 4.7.0 [volume.connections]', /At most 3 connections at once are allowed here/);
  await fourth.closed;
  for (const one of more) await one.close();
  t.equal((await client.command('NOOP')).code, 250);
});

story('bounces', async (t, client) => {
  t.equal((await sendMail(client, { to: ['a@example.net'] })).end?.code, 250);
  hears(t, (await sendMail(client, { to: ['b@example.net'] })).recipients[0], '450 4.7.0 [volume.recipients]', REACHED);
  t.equal((await sendMail(client, { from: '', to: ['b@example.net'] })).end?.code, 250, 'a bounce still passes');
  const second = await sendMail(client, { from: '', to: ['b@example.net'] });
  hears(
    t,
    second.recipients[0],
    '450 4.7.0 [volume.exempt]',
    /The limit of 1 bounces? and postmaster mails? in 1 hour/,
  );
});
