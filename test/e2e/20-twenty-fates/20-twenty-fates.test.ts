/**
 * A customer's Postfix pipelines twenty recipients of mixed fate: what it logs and
 * bounces for each is what Sluice, or the relay through Sluice, said to each.
 */

import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

type Fate = 'sent' | 'suppressed' | 'unknown' | 'full' | 'greylisted' | 'over';

/** The order of the recipients in the envelope is Postfix's own, so a fate goes by the name. */
const FATES: readonly Fate[] = ['sent', 'suppressed', 'unknown', 'greylisted', 'full'];
const to = Array.from({ length: 20 }, (_, number) => `${FATES[number % FATES.length]}${number}@example.net`);
const fateOf = (address: string) => /[a-z]+/.exec(address)?.[0] as Fate;
const addresses = (...fates: Fate[]) => to.filter((address) => fates.includes(fateOf(address))).sort();

const RELAY_SAYS: Partial<Record<Fate, string>> = {
  unknown: '550-5.1.1 The mailbox does not exist.\n550 5.1.1 Please check the address',
  full: '552 5.2.2 Mailbox full',
  greylisted: '450 4.2.0 Greylisted, please come back',
};
const SAID: Readonly<Record<Fate, RegExp>> = {
  sent: /dsn=2\.0\.0, .*status=sent \(250 2\.0\.0 Ok: queued as/,
  suppressed: /dsn=5\.7\.1, .*status=bounced \(.* said: 550 5\.7\.1 \[recipient\.suppressed\] .*ref=/,
  unknown: /dsn=5\.1\.1, .*status=bounced \(.* said: 550-5\.1\.1 The mailbox does not exist\. 550 5\.1\.1 Please check/,
  full: /dsn=5\.2\.2, .*status=bounced \(.* said: 552 5\.2\.2 Mailbox full/,
  greylisted: /dsn=4\.2\.0, .*status=deferred \(.* said: 450 4\.2\.0 Greylisted, please come back/,
  over: /dsn=4\.7\.0, .*status=deferred \(.* said: 450 4\.7\.0 \[volume\.recipients\]/,
};

const sink = await startRelaySink(t, {
  steps: { RCPT: ({ line }) => RELAY_SAYS[fateOf(line.slice(line.indexOf('<')))] },
});
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: { ownDomains: ['example.com'] },
    shutdownTimeout: '1s',
  },
});
const front = await startPostfix(t, { next: sluice.port() });

for (const address of addresses('suppressed')) {
  const { code, stderr } = await sluice.cli('suppress', 'add', address, '--reason', 'unsubscribed');
  if (code !== 0) throw new Error(stderr);
}

t.test('each recipient has the fate that it was told', async (t) => {
  const client = await openSession(front.port);
  t.match((await sendMail(client, { from: 'sender@example.com', to })).end, { code: 250 });
  await client.close();

  const message = await sink.nextMessage(20_000);
  t.strictSame(message.recipients.map(({ path }) => path.slice(1, -1)).sort(), addresses('sent'));
  for (const address of to) {
    const line = await front.waitForLog(new RegExp(`to=<${address.replaceAll('.', '\\.')}>.*`));
    t.match(line[0], SAID[fateOf(address)], address);
  }
  t.equal(sink.messages.filter(({ mail }) => mail !== '<>').length, 1, 'one message left, once');
});

t.test('Postfix sent the envelope in one go, and the relay got it so', async (t) => {
  const recipients = sink.commands.filter(({ verb, line }) => verb === 'RCPT' && !line.includes('sender@'));
  t.equal(recipients.length, 16, 'the suppressed ones were not asked for');
  t.ok(new Set(recipients.map(({ chunk }) => chunk)).size <= 3, 'in a few writes');
});

t.test('the bounce tells the sender why, recipient by recipient', async (t) => {
  await sink.until(() => sink.messages.some(({ mail }) => mail === '<>'), 'the bounce');
  const bounce = sink.messages.find(({ mail }) => mail === '<>');
  const report = (bounce?.data.toString() ?? '').replace(/\r\n[ \t]+/g, ' ');
  const blocks = report.split('\r\n\r\n').filter((block) => block.startsWith('Final-Recipient: '));
  const final = (block: string) => /^Final-Recipient: rfc822; (\S+)/m.exec(block)?.[1] ?? '';
  t.strictSame(blocks.map(final).sort(), addresses('suppressed', 'unknown', 'full'));
  for (const block of blocks) {
    const [status, diagnostic] = {
      suppressed: ['5.7.1', /Diagnostic-Code: smtp; 550 5\.7\.1 \[recipient\.suppressed\]/],
      unknown: ['5.1.1', /Diagnostic-Code: smtp; 550-5\.1\.1 The mailbox does not exist\./],
      full: ['5.2.2', /Diagnostic-Code: smtp; 552 5\.2\.2 Mailbox full/],
    }[fateOf(final(block)) as 'suppressed' | 'unknown' | 'full'] as [string, RegExp];
    t.match(block, new RegExp(`^Status: ${status.replaceAll('.', '\\.')}\\r?$`, 'm'));
    t.match(block, diagnostic);
  }
});

t.test("Sluice's record agrees", async (t) => {
  const line = await sluice.waitForLog(
    'the transaction',
    ({ event, recipientCount }) => event === 'transaction' && recipientCount === 20,
  );
  t.match(line, { ending: 'accepted', by: 'relay', verdict: 'reject', rules: ['recipient.suppressed'] });
  const recorded = line.recipients as { address: string; reply: string; by: string }[];
  for (const { address, reply, by } of recorded) {
    const fate = fateOf(address);
    t.equal(by, fate === 'suppressed' ? 'sluice' : 'relay', address);
    t.match(reply, fate === 'sent' ? /^250 / : /^[45]\d\d /);
  }
});

t.test('the deferred ones go when the relay takes them, and no other a second time', async (t) => {
  t.equal((await front.queue()).length, 1);
  sink.script = {};
  await front.flush();
  for (const address of addresses('greylisted')) {
    await front.waitForLog(new RegExp(`to=<${address.replaceAll('.', '\\.')}>.*status=sent`));
  }
  const mailed = sink.messages
    .filter(({ mail }) => mail === '<sender@example.com>')
    .flatMap(({ recipients }) => recipients.map(({ path }) => path.slice(1, -1)));
  t.strictSame(mailed.sort(), addresses('sent', 'greylisted'), 'each exactly once');
});

t.test('a limit that half of an envelope fits into', async (t) => {
  // 4 sent, 4 greylisted: 8 recipients are used up, the refused ones cost nothing.
  await sluice.writeConfig({
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: { ownDomains: ['example.com'] },
    plans: { default: { rules: { 'volume.recipients': { limits: ['18/1h'] } } } },
    shutdownTimeout: '1s',
  });
  sluice.signal('SIGHUP');
  await sluice.waitForLog('the reload', ({ msg }) => msg === 'config reloaded');
  const many = Array.from({ length: 20 }, (_, number) => `over${number}@example.net`);
  const client = await openSession(front.port);
  const seen = sink.messages.length;
  t.match((await sendMail(client, { from: 'sender@example.com', to: many })).end, { code: 250 });
  await client.close();
  await sink.until(() => sink.messages.length > seen, 'the message');
  t.equal(sink.messages[seen]?.recipients.length, 10, 'as many as there was room for');
  await front.waitForLog(new RegExp(`(?:[^]*?to=<over\\d+@.*${SAID.over.source}){10}`));
});
