import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { type CapturedEnvelope, startCaptureRelay } from '../../src/relay/capture.js';
import { connectSmtp } from '../support/smtp-client.js';
import { CLIENT, path, startPool } from './pool-for-tests.js';

async function startCapture(t: { teardown(end: () => unknown): unknown }) {
  const directory = join(await mkdtemp(join(tmpdir(), 'sluice-capture-')), 'mails');
  const relay = await startCaptureRelay({ directory });
  t.teardown(async () => {
    await relay.close();
    await rm(directory, { recursive: true, force: true });
  });
  return { relay, directory };
}

t.test('what is accepted lies in the folder, byte by byte, with its envelope', async (t) => {
  const { relay, directory } = await startCapture(t);
  const pool = startPool(t, relay.port);
  const session = await pool.acquire(CLIENT);
  t.match(session.capabilities, { pipelining: true, eightBitMime: true, smtpUtf8: true, dsn: true, size: 52428800 });
  await session.mail(path('a@example.com', 'BODY=8BITMIME'));
  await session.recipients([path('b@example.net', 'NOTIFY=NEVER'), path('c@example.net')]);
  await session.data();
  const reply = await session.finish(Buffer.from('Subject: x\r\n\r\n..dot\r\n\xe9\x00\r\n..\r\n', 'latin1'));
  session.release();
  t.equal(reply.code, 250);
  const id = /^2\.6\.0 Ok: queued as ([0-9A-F]{10})$/.exec(reply.lines[0] ?? '')?.[1];
  t.ok(id, `no id in ${reply.lines[0]}`);

  const files = (await readdir(directory)).sort();
  t.equal(files.length, 2, 'nothing unfinished is left');
  const [message, envelope] = files;
  t.match(message, new RegExp(`^\\d{8}T\\d{9}Z-${id}\\.eml$`));
  t.equal(envelope, message?.replace('.eml', '.json'));
  const bytes = await readFile(join(directory, message ?? ''));
  t.equal(bytes.toString('latin1'), 'Subject: x\r\n\r\n.dot\r\n\xe9\x00\r\n.\r\n');
  const written: CapturedEnvelope = JSON.parse(await readFile(join(directory, envelope ?? ''), 'utf8'));
  t.match(written, {
    id,
    reversePath: 'a@example.com',
    parameters: { BODY: '8BITMIME' },
    recipients: [{ address: 'b@example.net', parameters: { NOTIFY: 'NEVER' } }, { address: 'c@example.net' }],
    size: bytes.length,
  });
});

t.test('a message that breaks off leaves no file', async (t) => {
  const { relay, directory } = await startCapture(t);
  const client = await connectSmtp({ port: relay.port });
  await client.read();
  for (const line of ['EHLO x', 'MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'DATA']) await client.command(line);
  client.write('half\r\n');
  client.destroy();
  await client.closed;
  await relay.close();
  t.strictSame(await readdir(directory), []);
});

t.test('a folder that cannot be written is a 451', async (t) => {
  const { relay, directory } = await startCapture(t);
  await rm(directory, { recursive: true });
  const client = await connectSmtp({ port: relay.port });
  await client.read();
  for (const line of ['EHLO x', 'MAIL FROM:<a@b.example>', 'RCPT TO:<c@d.example>', 'DATA']) await client.command(line);
  client.write('x\r\n.\r\n');
  t.match(await client.read(), { code: 451, text: /4\.3\.0 The message could not be written/ });
  await client.close();
});
