/** What clients say stays data: it never becomes a command, a header, a reply or a log line of its own. */

import t from 'tap';
import { openSession, sendMail } from '../support/mail.js';
import { startRelaySink } from '../support/relay-sink.js';
import { startSluice } from '../support/sluice.js';
import { connectSmtp, type SmtpClient } from '../support/smtp-client.js';

const utf8 = (text: string) => Buffer.from(text).toString('latin1');
const sink = await startRelaySink(t, { xclient: ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'LOGIN'] });
const sluice = await startSluice(t, {
  config: {
    listen: [
      { name: 'test', address: '127.0.0.1:0', auth: 'optional', authInClear: true },
      { name: 'fronted', address: '127.0.0.1:0', xclient: { trusted: ['127.0.0.1'] } },
    ],
    relay: { hosts: [`127.0.0.1:${sink.port}`], identity: 'xclient' },
    accounts: { identify: [{ xclient: {} }, { store: {} }], unknown: 'tester' },
    smtp: { maxErrors: 1000 },
    rules: { 'account.auth-guessing': { mode: 'off' }, 'volume.connections': { mode: 'off' } },
    shutdownTimeout: '1s',
  },
});

/** Bytes that have ended lines, commands, headers or terminals somewhere. */
const EVIL = [
  '\r\nMAIL FROM:<evil@example.com>',
  '\nRCPT TO:<evil@example.com>',
  '\rX-Evil: 1',
  '\0evil',
  '\x1b[31mevil',
  utf8('\u0085evil'),
  utf8('\u2028evil'),
  utf8('\u009b31mevil'),
  '\xff\xfeevil',
  '\x7fevil',
  '%0d%0aX-Evil: 1',
  '<evil@example.com>',
  '"evil',
  ' evil=evil',
];
/** As each might be tried. The first line alone is the command; what follows is only ever a line of its own. */
const TRIALS: readonly ((evil: string) => string)[] = [
  (evil) => `MAIL FROM:<a${evil}@example.com>`,
  (evil) => `MAIL FROM:<a@example.com${evil}>`,
  (evil) => `MAIL FROM:<"a${evil}"@example.com>`,
  (evil) => `MAIL FROM:<@route${evil}:a@example.com>`,
  (evil) => `MAIL FROM:<a@[IPv6:::1${evil}]>`,
  (evil) => `MAIL FROM:<a@example.com> SMTPUTF8 ENVID=a${evil}`,
  (evil) => `MAIL FROM:<a@example.com> SIZE=1${evil}`,
  (evil) => `MAIL FROM:<a@example.com> AUTH=a${evil}`,
  (evil) => `MAIL FROM:<a@example.com> X${evil}=1`,
  (evil) => `HELO client${evil}`,
  (evil) => `EHLO client${evil}`,
  (evil) => `VRFY ${evil}`,
  (evil) => `${evil}`,
  (evil) => `AUTH PLAIN ${Buffer.from(`\0user${evil}\0x`, 'latin1').toString('base64')}`,
  (evil) => `AUTH PLAIN ${Buffer.from(`user${evil}\0user\0x${evil}`, 'latin1').toString('base64')}`,
  (evil) => `AUTH ${evil}`,
  (evil) => `XCLIENT NAME=a${evil} ADDR=192.0.2.1`,
  (evil) => `XCLIENT LOGIN=a${evil}`,
  (evil) => `XCLIENT LOGIN=a+0D+0AX-Evil:1 HELO=+0D+0A${evil}`,
  (evil) => `RCPT TO:<b${evil}@example.net>`,
  (evil) => `RCPT TO:<b@example.net> ORCPT=rfc822;b${evil}`,
  (evil) => `RCPT TO:<b@example.net> NOTIFY=NEVER${evil}`,
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f]/;

/** Every reply to the bytes: up to that of the NOOP sent behind them, or to the end of the connection. */
async function replies(
  client: SmtpClient,
  raw: string,
): Promise<readonly { code: number; lines: readonly string[] }[]> {
  client.write(`${raw}\r\nHELP\r\n`);
  const heard: { code: number; lines: readonly string[] }[] = [];
  for (;;) {
    const reply = await client.read();
    heard.push(reply);
    if (reply.code === 214) return heard;
    if (reply.code === 334) client.write('*\r\n');
    if (reply.code === 421) {
      await client.closed;
      return heard;
    }
  }
}

for (const listener of ['test', 'fronted']) {
  t.test(`${listener}: each place, each evil`, async (t) => {
    let answered = 0;
    for (const trial of TRIALS) {
      for (const evil of EVIL) {
        const client = await openSession(sluice.port(listener));
        const raw = trial(evil);
        if (raw.startsWith('RCPT')) await client.command('MAIL FROM:<a@example.com> SMTPUTF8');
        for (const { lines } of await replies(client, raw)) {
          if (lines.some((line) => CONTROL.test(line))) t.fail(`${JSON.stringify(raw)} gave ${JSON.stringify(lines)}`);
        }
        answered += 1;
        client.destroy();
      }
    }
    t.equal(answered, TRIALS.length * EVIL.length, 'all are answered, and no answer has a control character');
  });
}

t.test('the relay heard only whole commands of known kinds', async (t) => {
  const known = /^(?:|EHLO sluice\.example|(?:MAIL FROM|RCPT TO):<[^\r\n\0]*>.*|RSET|QUIT|DATA|XCLIENT [!-~ ]+)$/;
  const odd = sink.commands.filter(({ line }) => !known.test(line));
  t.strictSame(
    odd.map(({ line }) => line),
    [],
  );
  const controls = sink.commands.filter(({ line }) => CONTROL.test(Buffer.from(line, 'latin1').toString('utf8')));
  t.strictSame(
    controls.map(({ line }) => line),
    [],
  );
  const xclients = sink.commands.filter(({ verb }) => verb === 'XCLIENT');
  t.ok(xclients.length > 0, `${xclients.length} XCLIENT commands were seen`);
});

t.test('log lines are lines, and have no control characters', async (t) => {
  t.ok(sluice.log.length > 50);
  const odd = sluice.log.filter((line) => CONTROL.test(JSON.stringify(line)));
  t.strictSame(odd, []);
});

t.test('the Received field is three lines of ours, whatever HELO said', async (t) => {
  for (const helo of [
    'a)b(c',
    '(x',
    'x;y',
    'x\\',
    '"x"',
    '[127.0.0.1',
    'x'.repeat(255),
    utf8('grüße'),
    'a<b>',
    '%0d%0a',
  ]) {
    const client = await connectSmtp({ port: sluice.port() });
    await client.read();
    const greeted = await client.command(`EHLO ${helo}`);
    if (greeted.code !== 250) await client.command('EHLO fallback');
    const before = sink.messages.length;
    t.equal((await sendMail(client, { to: ['b@example.net'], data: 'Subject: mine\r\n\r\nx\r\n' })).end?.code, 250);
    const wire = sink.messages[before]?.wire.toString('latin1') ?? '';
    t.match(
      wire,
      /^Received: from [A-Za-z0-9.:_[\]?-]{1,255} \(\[127\.0\.0\.1\]\)\r\n\tby sluice\.example \(Sluice\) with ESMTP id [\w.-]+;\r\n\t[\w,: +]+\r\nSubject: mine\r\n\r\nx\r\n$/,
      JSON.stringify(helo.slice(0, 40)),
    );
    await client.close();
  }
});

t.test('display names and headers are the message, and go as they came', async (t) => {
  const header =
    'From: "a\\"@evil, <x@example.com>" <a@example.com>\r\n' +
    'Subject: =?utf-8?q?=0D=0ABcc:_evil@example.com?=\r\n' +
    'Received: from forged\r\n\r\n';
  const client = await openSession(sluice.port());
  const before = sink.messages.length;
  t.equal((await sendMail(client, { to: ['b@example.net'], data: `${header}x\r\n` })).end?.code, 250);
  t.ok(sink.messages[before]?.wire.toString('latin1').endsWith(`${header}x\r\n`));
  t.same(
    sink.messages[before]?.recipients.map(({ path }) => path),
    ['<b@example.net>'],
  );
  await client.close();
});

t.test('what looks like another address is not: routes, percent, quotes, literals, look-alikes', async (t) => {
  const asHeard = async (line: string) => {
    const client = await openSession(sluice.port());
    await client.command('MAIL FROM:<a@example.com> SMTPUTF8');
    const { code } = await client.command(line);
    await client.close();
    return code === 250 ? sink.commands.findLast(({ verb }) => verb === 'RCPT')?.line : code;
  };
  t.equal(await asHeard('RCPT TO:<@evil.example,@two.example:b@example.net>'), 'RCPT TO:<b@example.net>');
  t.equal(await asHeard('RCPT TO:<b%evil.example@example.net>'), 'RCPT TO:<b%evil.example@example.net>');
  t.equal(await asHeard('RCPT TO:<evil.example!b@example.net>'), 'RCPT TO:<evil.example!b@example.net>');
  t.equal(await asHeard('RCPT TO:<"b@evil.example>"@example.net>'), 'RCPT TO:<"b@evil.example>"@example.net>');
  t.equal(await asHeard('RCPT TO:<b@[IPv6:2001:DB8::1]>'), 'RCPT TO:<b@[IPv6:2001:DB8::1]>');
  t.equal(await asHeard('RCPT TO:<b@[IPv6:fe80::1%eth0]>'), 501);
  t.equal(await asHeard('RCPT TO:<b@example.net><c@example.net>'), 501);
  t.equal(await asHeard('RCPT TO:<b@c@example.net>'), 501);
  t.equal(await asHeard(`RCPT TO:<b@${utf8('example。net')}>`), `RCPT TO:<b@${utf8('example。net')}>`);
  const suppressed = await sluice.cli('suppress', 'add', 'Blocked@bücher.example', '--reason', 'manual');
  t.equal(suppressed.code, 0, suppressed.stderr);
  for (const spelling of [
    'blocked@bücher.example',
    'BLOCKED@xn--bcher-kva.example',
    '"blocked"@BÜCHER。example',
    'blocked@bu\u0308cher.example',
  ])
    t.equal(await asHeard(utf8(`RCPT TO:<${spelling}>`)), 550, `${spelling} is the suppressed one`);
});
