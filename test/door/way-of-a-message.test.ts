import t from 'tap';
import { startDoor } from '../support/door.js';
import { startRelaySink } from '../support/relay-sink.js';
import { connectSmtp } from '../support/smtp-client.js';

t.test('a message goes through, and the client hears the relay', async (t) => {
  const sink = await startRelaySink(t);
  const door = await startDoor(t, { relayPort: sink.port });
  const client = await connectSmtp({ port: door.port });
  t.match((await client.read()).text, /^sluice\.example ESMTP/);
  const ehlo = await client.command('EHLO client.example');
  t.match(ehlo.lines, [
    'sluice.example',
    'PIPELINING',
    'ENHANCEDSTATUSCODES',
    /^SIZE \d+$/,
    '8BITMIME',
    'SMTPUTF8',
    'DSN',
  ]);
  t.equal((await client.command('MAIL FROM:<"a b"@Sender.example> RET=HDRS ENVID=x+2By')).code, 250);
  t.equal((await client.command('RCPT TO:<One@Example.COM> NOTIFY=NEVER')).code, 250);
  t.equal((await client.command('DATA')).code, 354);
  client.write('Subject: x\r\n\r\n..dot\r\n\xe4\r\n.\r\n');
  const reply = await client.read();
  t.equal(reply.code, 250);
  const message = await sink.nextMessage();
  t.equal(message.mail, '<"a b"@Sender.example>');
  t.equal(message.data.toString('latin1'), 'Subject: x\r\n\r\n.dot\r\n\xe4\r\n');
  t.match(message.recipients, [{ path: '<One@Example.COM>', parameters: ['NOTIFY=NEVER'] }]);
  t.equal((await client.command('QUIT')).code, 221);
  await client.closed;
  const decision = await door.decided((one) => one.ending === 'accepted');
  t.match(decision, {
    verdict: 'pass',
    account: 'acme',
    size: 23,
    by: 'relay',
    recipients: [{ address: 'One@Example.COM' }],
  });
  t.same(door.defects, []);
});
