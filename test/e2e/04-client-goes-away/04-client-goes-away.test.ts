/** A client may go away at any stage: the relay keeps nothing that was not finished, and nothing stays held. */

import t from 'tap';
import { openSession } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { connectSmtp, type SmtpClient } from '../../support/smtp-client.js';

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    rules: { 'volume.recipients': { limits: ['3/1h'] }, 'volume.messages': { limits: ['3/1h'] } },
  },
});

const MAIL = 'MAIL FROM:<a@example.com>';
const RCPT = ['RCPT TO:<b@example.net>', 'RCPT TO:<c@example.net>', 'RCPT TO:<d@example.net>'];
const LARGE = `Subject: large\r\n\r\n${'0123456789abcdef0123456789abcdef\r\n'.repeat(30_000)}`;

async function upTo(lines: readonly string[]): Promise<SmtpClient> {
  const client = await openSession(sluice.port());
  for (const line of lines) {
    const { code } = await client.command(line);
    if (code >= 400) throw new Error(`${line} was answered ${code}`);
  }
  return client;
}

const STAGES: [stage: string, lines: readonly string[], raw: string][] = [
  ['after EHLO', [], ''],
  ['after MAIL', [MAIL], ''],
  ['after three RCPTs, all that its limit has', [MAIL, ...RCPT], ''],
  ['in the middle of a command', [MAIL, ...RCPT], 'RCPT TO:<e@exam'],
  ['after DATA', [MAIL, ...RCPT, 'DATA'], ''],
  ['in the middle of a small message', [MAIL, ...RCPT, 'DATA'], 'Subject: never\r\n\r\nfinis'],
  ['in the middle of a large message', [MAIL, ...RCPT, 'DATA'], LARGE],
  ['one octet before the end', [MAIL, ...RCPT, 'DATA'], 'Subject: never\r\n\r\nfinished\r\n.\r'],
];

for (const [stage, lines, raw] of STAGES) {
  for (const way of ['drops', 'half-closes'] as const) {
    t.test(`it ${way} ${stage}`, async (t) => {
      const client = await upTo(lines);
      if (raw !== '') client.write(raw);
      if (way === 'drops') client.socket.resetAndDestroy();
      else client.socket.end();
      await client.closed;
      t.equal(sink.messages.length, 0, 'the relay has no message');

      // The whole limit is free again, as soon as the end of the session was seen.
      const deadline = Date.now() + 5_000;
      for (;;) {
        const probe = await openSession(sluice.port());
        await probe.command(MAIL);
        const codes: number[] = [];
        for (const line of RCPT) codes.push((await probe.command(line)).code);
        await probe.command('RSET');
        await probe.close();
        if (codes.every((code) => code === 250)) break;
        if (Date.now() > deadline) return t.fail(`still held: ${codes.join(' ')}`);
      }
      t.pass('nothing is held');
    });
  }
}

t.test('it goes before the greeting', async (t) => {
  const client = await connectSmtp({ port: sluice.port() });
  client.destroy();
  await client.closed;
  const other = await openSession(sluice.port());
  await other.close();
  t.equal(sluice.process.exitCode, null, 'Sluice runs on');
});

t.test('it goes after the final dot, before our reply: the relay has the mail, and it counts', async (t) => {
  let answer: () => void = () => {};
  const gate = new Promise<undefined>((resolve) => {
    answer = () => resolve(undefined);
  });
  sink.script = { steps: { END: () => gate } };
  const client = await upTo([MAIL, ...RCPT, 'DATA']);
  client.write('Subject: done\r\n\r\nfinished\r\n.\r\n');
  await sink.until(() => sink.commands.some(({ verb }) => verb === 'END'), 'the final dot');
  client.socket.resetAndDestroy();
  await client.closed;
  answer();
  await sink.nextMessage();
  const line = await sluice.waitForLog(
    'the transaction',
    ({ event, ending }) => event === 'transaction' && ending === 'accepted',
  );
  t.match(line, { by: 'relay', recipientCount: 3 });

  const next = await openSession(sluice.port());
  await next.command(MAIL);
  t.match(await next.command(RCPT[0] ?? ''), { code: 450, text: /^4\.7\.0 \[volume\./ }, 'the limit is used up');
  await next.close();
});
