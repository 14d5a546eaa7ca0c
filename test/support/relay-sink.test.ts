import t from 'tap';
import { startRelaySink } from './relay-sink.js';
import { connectSmtp } from './smtp-client.js';

t.test('the sink keeps what a pipelining client sent, byte by byte', async (t) => {
  const sink = await startRelaySink(t, {
    steps: { RCPT: ({ line }) => (/bad/.test(line) ? '550-5.1.1 no\n550 5.1.1 such' : undefined) },
  });
  const client = await connectSmtp({ port: sink.port });
  t.equal((await client.read()).code, 220);
  t.match((await client.command('EHLO me')).text, /PIPELINING/);
  client.write('MAIL FROM:<a@b> SIZE=5\r\nRCPT TO:<"x y"@d> NOTIFY=NEVER\r\nRCPT TO:<bad@d>\r\nDATA\r\n');
  t.equal((await client.read()).code, 250);
  t.equal((await client.read()).code, 250);
  t.strictSame((await client.read()).lines, ['5.1.1 no', '5.1.1 such']);
  t.equal((await client.read()).code, 354);
  for (const part of ['..a\r\nb\r', '\n.', '\r\nNOO', 'P\r\n']) {
    client.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.match((await client.read()).text, /queued as/);
  t.equal((await client.read()).code, 250);
  const message = await sink.nextMessage();
  t.equal(message.wire.toString(), '..a\r\nb\r\n');
  t.equal(message.data.toString(), '.a\r\nb\r\n');
  t.equal(message.mail, '<a@b>');
  t.strictSame(message.recipients, [{ path: '<"x y"@d>', parameters: ['NOTIFY=NEVER'] }]);
  t.equal((await client.command('QUIT')).code, 221);
  await client.close();
  await sink.until(() => sink.openSessions === 0, 'the session to end');
});

t.test('an empty message, and a lenient relay', async (t) => {
  const sink = await startRelaySink(t, { lenient: true });
  const client = await connectSmtp({ port: sink.port });
  await client.read();
  for (const body of ['.\r\n', 'a\n.\n']) {
    await client.command('MAIL FROM:<>');
    await client.command('RCPT TO:<a@b>');
    await client.command('DATA');
    client.write(body);
    t.equal((await client.read()).code, 250);
  }
  t.strictSame(
    sink.messages.map((message) => message.wire.toString()),
    ['', 'a\n'],
  );
  client.destroy();
  await client.closed;
});
