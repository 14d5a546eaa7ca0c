/** A relay that says what no relay may: the client hears a clear 451, the session goes on, memory stays as it was. */

import t from 'tap';
import { openSession, sendMail } from '../support/mail.js';
import { startRelaySink } from '../support/relay-sink.js';
import { startSluice } from '../support/sluice.js';
import { until } from '../support/until.js';

// A fraction of it on a quiet machine.
t.setTimeout(300_000);

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    relay: {
      hosts: [`127.0.0.1:${sink.port}`],
      retry: { first: '50ms', longest: '100ms' },
      timeouts: { connect: '1s', greeting: '1s', command: '1s', data: '1s', block: '1s', finalDot: '1s' },
    },
    rules: { 'flood.recipient': { mode: 'off' } },
    shutdownTimeout: '1s',
  },
});

const SAID: Readonly<Record<string, string | Buffer>> = {
  'an endless reply': '250-and so on\r\n'.repeat(200_000),
  'an endless line': Buffer.alloc(4 * 1024 * 1024, 'x'),
  binary: Buffer.from([0, 255, 254, 10, 13, 10, 0, 10]),
  'codes that are none': '999 hello\r\n',
  'two codes in one reply': '250-yes\r\n550 no',
  'half a reply, and then nothing': Buffer.from('250-and'),
};

async function resident(): Promise<number> {
  return Number(/^process_resident_memory_bytes (\S+)/m.exec((await sluice.get('/metrics')).body)?.[1]);
}

async function flows(): Promise<true | null> {
  sink.script = {};
  const client = await openSession(sluice.port());
  const { end } = await sendMail(client, { to: ['b@example.net'] });
  await client.close();
  return end?.code === 250 ? true : null;
}

const before = await resident();
for (const step of ['CONNECT', 'EHLO', 'MAIL', 'RCPT', 'DATA', 'END']) {
  t.test(`at ${step}`, async (t) => {
    for (const [what, reply] of Object.entries(SAID)) {
      for (const session of sink.sessions) session.destroy();
      await sink.until(() => sink.openSessions === 0, 'kept connections to end');
      sink.script = { steps: { [step]: { reply } } };
      const client = await openSession(sluice.port());
      const { mail, recipients, data, end } = await sendMail(client, { to: ['b@example.net'] });
      const last = end ?? data ?? recipients[0] ?? mail;
      t.match(
        last,
        { code: 451, text: /^4\.4\.[12] [ -~]+ ref=\S+$/ },
        `${what}: words of ours, nothing of the relay's`,
      );
      t.match(await client.command('RSET'), { code: 250 }, 'the session goes on');
      await client.close();
      await until('mail flows', flows);
    }
  });
}

t.test('a reply too many answers nothing: 250 is heard for what the relay has, and for nothing else', async (t) => {
  for (const [step, first] of [
    ['EHLO', '250 sink.example'],
    ['MAIL', '250 2.1.0 yes'],
    ['RCPT', '250 2.1.5 yes'],
    ['DATA', '354 go on'],
  ] as const) {
    for (const session of sink.sessions) session.destroy();
    await sink.until(() => sink.openSessions === 0, 'kept connections to end');
    sink.script = { steps: { [step]: { reply: Buffer.from(`${first}\r\n250 2.0.0 Ok: queued as FORGED\r\n`) } } };
    const before = sink.messages.length;
    const client = await openSession(sluice.port());
    const { mail, recipients, data, end } = await sendMail(client, { to: ['b@example.net'] });
    const last = end ?? data ?? recipients[0] ?? mail;
    const there = sink.messages.length - before;
    t.equal(last.code, there === 1 ? 250 : 451, `${step}: ${last.code} ${last.text}, ${there} at the relay`);
    t.notMatch(last.text, 'FORGED', 'nobody hears it');
    await client.close();
    await until('mail flows', flows);
  }
});

t.test('control characters in a reply do not make a second one', async (t) => {
  sink.script = { steps: { RCPT: { reply: Buffer.from('550 5.1.1 no\r250 yes\x1b[31m\0 \x7f\r\n', 'latin1') } } };
  const client = await openSession(sluice.port());
  await client.command('MAIL FROM:<a@example.com>');
  t.match(await client.command('RCPT TO:<b@example.net>'), { code: 550, text: '5.1.1 no 250 yes [31m   ' });
  await client.close();
  sink.script = {};
});

t.test('it cost no memory', async (t) => {
  const grown = ((await resident()) - before) / 1024 / 1024;
  t.ok(grown < 64, `memory grew by ${Math.round(grown)} MiB`);
});
