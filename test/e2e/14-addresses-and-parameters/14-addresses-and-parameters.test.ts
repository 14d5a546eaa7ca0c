/** Addresses and parameters reach the relay in the client's own spelling, and none that the relay cannot take. */

import t from 'tap';
import { makeCertificates } from '../../relay/certificates.js';
import { openSession } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { USUAL_EHLO } from '../../support/relay-sink-script.js';
import { startSluice } from '../../support/sluice.js';
import type { SmtpClient } from '../../support/smtp-client.js';

const { server } = makeCertificates(['DNS:localhost', 'IP:127.0.0.1']);
const listen = [{ name: 'smtp', address: '127.0.0.1:0', tls: 'starttls' as const, certificate: server }];
const rich = await startRelaySink(t, { ehlo: [...USUAL_EHLO, 'REQUIRETLS'] });
const poor = await startRelaySink(t, { ehlo: [] });
const ancient = await startRelaySink(t, { steps: { EHLO: '502 5.5.2 What?' } });
const [sluice, toPoor, toAncient] = await Promise.all(
  [rich, poor, ancient].map((sink) =>
    startSluice(t, { config: { listen, relay: { hosts: [`127.0.0.1:${sink.port}`] }, shutdownTimeout: '1s' } }),
  ),
);
if (sluice === undefined || toPoor === undefined || toAncient === undefined) throw new Error('three were started');

/** The raw client writes Latin-1: UTF-8 octets as characters. */
const utf8 = (line: string) => Buffer.from(line).toString('latin1');
const keywords = async (client: SmtpClient) =>
  (await client.command('EHLO again.example')).lines.slice(1).map((line) => line.split(' ')[0]);

t.test('mailboxes go as they are spelled', async (t) => {
  const spellings = [
    '<"john doe"@example.net>',
    '<"\\"quoted\\" and \\\\"@example.net>',
    '<"<>@,;:"@example.net>',
    '<user@[192.0.2.1]>',
    '<user@[IPv6:2001:db8::1]>',
    '<User+Tag@EXAMPLE.Net>',
    "<o'brien!#$%&*/=?^`{|}~-@example.net>",
    '<a..b@example.net>',
    '<Postmaster>',
    utf8('<用户@例え.example>'),
    utf8('<grüße@xn--bcher-kva.example>'),
    utf8('<"ключ слово"@пример.example>'),
  ];
  const client = await openSession(sluice.port());
  t.match(await client.command(utf8('MAIL FROM:<"mâle expéditeur"@bücher.example> SMTPUTF8')), { code: 250 });
  for (const spelling of spellings) t.match(await client.command(`RCPT TO:${spelling}`), { code: 250 }, spelling);
  await client.command('DATA');
  t.match(await client.command('Subject: x\r\n\r\nx\r\n.'), { code: 250 });
  await client.close();
  const { mail, recipients } = await rich.nextMessage();
  t.equal(mail, utf8('<"mâle expéditeur"@bücher.example>'));
  // The sink's own parser splits at blanks; the command lines are what counts.
  const heard = rich.commands.filter(({ verb }) => verb === 'RCPT').map(({ line }) => line);
  t.strictSame(
    heard,
    spellings.map((spelling) => `RCPT TO:${spelling}`),
  );
  t.equal(recipients.length, spellings.length);
});

t.test('a source route is read and not forwarded', async (t) => {
  const client = await openSession(sluice.port());
  t.match(await client.command('MAIL FROM:<@hop.example:a@example.com>'), { code: 250 });
  t.match(await client.command('RCPT TO:<@one.example,@two.example:b@example.net>'), { code: 250 });
  t.equal(rich.commands.findLast(({ verb }) => verb === 'MAIL')?.line, 'MAIL FROM:<a@example.com>');
  t.equal(rich.commands.findLast(({ verb }) => verb === 'RCPT')?.line, 'RCPT TO:<b@example.net>');
  await client.close();
});

t.test('DSN parameters and xtext, unchanged', async (t) => {
  const client = await openSession(sluice.port());
  const mail = 'RET=hdrs ENVID=QQ314159+2Babc+3D SIZE=00012 BODY=7bit';
  t.match(await client.command(`MAIL FROM:<a@example.com> ${mail}`), { code: 250 });
  const recipients = [
    'NOTIFY=success,FAILURE ORCPT=rfc822;Bob+2Btag@Example.NET',
    'ORCPT=RFC822;b+3Dc@example.net NOTIFY=NEVER',
    'notify=DELAY',
    '',
  ];
  for (const parameters of recipients) {
    t.match(await client.command(`RCPT TO:<r${recipients.indexOf(parameters)}@example.net> ${parameters}`.trim()), {
      code: 250,
    });
  }
  await client.command('DATA');
  t.match(await client.command('Subject: x\r\n\r\nx\r\n.'), { code: 250 });
  await client.close();
  const message = await rich.nextMessage();
  t.strictSame(message.mailParameters, mail.split(' '));
  t.strictSame(
    message.recipients.map(({ parameters }) => parameters.join(' ')),
    recipients,
  );
});

t.test('what is malformed is refused here, and the relay hears nothing of it', async (t) => {
  const client = await openSession(sluice.port());
  const before = rich.commands.length;
  const refused: [line: string, code: number, text: RegExp][] = [
    ['MAIL FROM:<a@example.com> ENVID=a+2', 501, /^5\.5\.4/],
    ['MAIL FROM:<a@example.com> RET=ALL', 501, /^5\.5\.4/],
    ['MAIL FROM:<a@example.com> SIZE=many', 501, /^5\.5\.4/],
    ['MAIL FROM:<a@example.com> BODY=9BIT', 501, /^5\.5\.4/],
    ['MAIL FROM:<a@example.com> SMTPUTF8=yes', 501, /^5\.5\.4/],
    ['MAIL FROM:<a@example.com> BODY=7BIT BODY=8BITMIME', 501, /^5\.5\.4/],
    ['MAIL FROM:<a@example.com> NOTIFY=NEVER', 555, /^5\.5\.4/],
    ['MAIL FROM:<a@example.com> XFOO=1', 555, /^5\.5\.4/],
    ['MAIL FROM:<a@example.com>SIZE=10', 501, /^5\./],
    ['MAIL FROM:<a@example.com', 501, /^5\./],
    ['MAIL FROM:<>> ', 501, /^5\./],
    ['MAIL FROM:<a@[300.0.0.1]>', 501, /^5\./],
    ['MAIL FROM:<a@example..com>', 501, /^5\./],
    ['MAIL FROM:<a@example.com.>', 501, /^5\./],
    ['MAIL FROM:<"open@example.com>', 501, /^5\./],
    ['MAIL FROM:<a\xff@example.com> SMTPUTF8', 501, /^5\./],
    [utf8('MAIL FROM:<grüße@example.com>'), 553, /^5\.6\.7/],
    [utf8('MAIL FROM:<a@bücher.example>'), 553, /^5\.6\.7/],
  ];
  // One more error would be one too many for a session.
  let session = client;
  for (const [line, code, text] of refused) {
    t.match(await session.command(line), { code, text }, JSON.stringify(line));
    if (line === refused[8]?.[0]) {
      await session.close();
      session = await openSession(sluice.port());
    }
  }
  await session.close();
  t.strictSame(
    rich.commands.slice(before).filter(({ verb }) => verb === 'MAIL'),
    [],
  );

  const other = await openSession(sluice.port());
  await other.command('MAIL FROM:<a@example.com>');
  const recipients: [line: string, code: number, text: RegExp][] = [
    ['RCPT TO:<>', 501, /^5\./],
    ['RCPT TO:<b@example.net> NOTIFY=NEVER,DELAY', 501, /^5\.5\.4/],
    ['RCPT TO:<b@example.net> ORCPT=b@example.net', 501, /^5\.5\.4/],
    ['RCPT TO:<b@example.net> SIZE=1', 555, /^5\.5\.4/],
    [utf8('RCPT TO:<用户@example.net>'), 553, /^5\.6\.7/],
  ];
  for (const [line, code, text] of recipients) {
    t.match(await other.command(line), { code, text }, JSON.stringify(line));
  }
  t.match(await other.command('DATA'), { code: 554, text: /^5\.5\.1/ }, 'no recipient is left');
  await other.close();
});

t.test('REQUIRETLS is for TLS only', async (t) => {
  const client = await openSession(sluice.port());
  t.notOk((await keywords(client)).includes('REQUIRETLS'));
  t.match(await client.command('MAIL FROM:<a@example.com> REQUIRETLS'), { code: 555, text: /^5\.5\.4/ });
  await client.startTls();
  t.ok((await keywords(client)).includes('REQUIRETLS'));
  t.match(await client.command('MAIL FROM:<a@example.com> REQUIRETLS'), { code: 250 });
  t.equal(rich.commands.findLast(({ verb }) => verb === 'MAIL')?.line, 'MAIL FROM:<a@example.com> REQUIRETLS');
  await client.close();
});

for (const [what, one, sink] of [
  ['a relay without extensions', toPoor, poor],
  ['a relay that knows no EHLO', toAncient, ancient],
] as const) {
  t.test(`${what}: its extensions are not announced and their parameters refused`, async (t) => {
    const client = await openSession(one.port());
    t.strictSame(
      (await keywords(client)).sort(),
      ['ENHANCEDSTATUSCODES', 'PIPELINING', 'SIZE', 'STARTTLS'],
      'what Sluice itself does',
    );
    for (const parameter of ['BODY=8BITMIME', 'SMTPUTF8', 'RET=FULL', 'ENVID=x', 'REQUIRETLS']) {
      t.match(await client.command(`MAIL FROM:<a@example.com> ${parameter}`), { code: 555, text: /^5\.5\.4/ });
    }
    t.match(await client.command(utf8('MAIL FROM:<grüße@example.com>')), { code: 553, text: /^5\.6\.7/ });
    t.match(await client.command('MAIL FROM:<a@example.com> SIZE=100 AUTH=<>'), { code: 250 });
    t.match(await client.command('RCPT TO:<b@example.net> NOTIFY=NEVER'), { code: 555, text: /^5\.5\.4/ });
    t.match(await client.command(utf8('RCPT TO:<用户@example.net>')), { code: 553, text: /^5\.6\.7/ });
    t.match(await client.command('RCPT TO:<b@example.net>'), { code: 250 });
    t.match(await client.command('DATA'), { code: 354 });
    t.match(await client.command('Subject: x\r\n\r\nx\r\n.'), { code: 250 });
    await client.close();
    t.strictSame((await sink.nextMessage()).mailParameters, [], 'SIZE is for relays that know it');
  });
}

t.test('parameters of a pipelined batch stay with their recipients', async (t) => {
  const client = await openSession(sluice.port());
  client.write(
    [
      'MAIL FROM:<a@example.com>',
      'RCPT TO:<r0@example.net> NOTIFY=NEVER',
      'RCPT TO:<r1@example.net> FOO=BAR',
      'RCPT TO:<r2@example.net> NOTIFY=SUCCESS',
      'RCPT TO:<broken',
      'RCPT TO:<r4@example.net>',
      'DATA',
      '',
    ].join('\r\n'),
  );
  const codes: number[] = [];
  for (let reply = 0; reply < 7; reply += 1) codes.push((await client.read()).code);
  t.strictSame(codes, [250, 250, 555, 250, 501, 250, 354]);
  t.match(await client.command('Subject: x\r\n\r\nx\r\n.'), { code: 250 });
  await client.close();
  const { recipients } = await rich.nextMessage();
  t.strictSame(
    recipients.map(({ path, parameters }) => [path, ...parameters].join(' ')),
    ['<r0@example.net> NOTIFY=NEVER', '<r2@example.net> NOTIFY=SUCCESS', '<r4@example.net>'],
  );
});
