/** Mail signed with DKIM before Sluice verifies behind it, with every rule that reads messages at work. */

import { execFile } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import t from 'tap';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const run = promisify(execFile);
const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
});
/** What the DNS would have at s1._domainkey.acme.example. */
const RECORD = `v=DKIM1; k=rsa; p=${publicKey.toString('base64')}`;
const VERIFY =
  'import sys, dkim\nrecord = sys.argv[2].encode()\nprint(dkim.verify(open(sys.argv[1], "rb").read(), dnsfunc=lambda name, timeout=5: record))';

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: { unknown: 'acme' },
    rules: {
      'message.source': { mode: 'enforce' },
      'message.unsubscribe': { mode: 'enforce' },
      'message.recipient-visible': { mode: 'enforce' },
      'provider.requirements': { mode: 'enforce', signer: 'client' },
    },
  },
});
const folder = t.testdir({});

async function verifies(message: Buffer): Promise<boolean> {
  const file = join(folder, 'message.eml');
  await writeFile(file, message);
  const { stdout } = await run('/usr/bin/python3', ['-c', VERIFY, file, RECORD], { timeout: 120_000 });
  return stdout.trim() === 'True';
}

t.test('the signature holds behind Sluice, and the rules saw it', async (t) => {
  const transport = createTransport({
    host: '127.0.0.1',
    port: sluice.port(),
    ignoreTLS: true,
    dkim: {
      domainName: 'acme.example',
      keySelector: 's1',
      privateKey,
      headerFieldNames: 'from:to:subject:date:message-id:list-unsubscribe:list-unsubscribe-post',
    },
  });
  const { response } = await transport.sendMail({
    from: 'Acme <news@acme.example>',
    to: 'bob@gmail.com',
    subject: 'Frühling',
    text: `Dear Bob,\n.\n..two dots\ntrailing space \n\nUnsubscribe: https://acme.example/unsubscribe?u=1\n`,
    html: '<p>Dear Bob</p><a href="https://acme.example/u?1">Unsubscribe</a>',
    list: { unsubscribe: { url: 'https://acme.example/leave?u=1', comment: '' } },
    headers: { 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' },
    attachments: [{ filename: 'a.bin', content: Buffer.alloc(400_000, 1) }],
  });
  transport.close();
  t.match(response, /^250 /);
  const relayed = sink.messages[0]?.data ?? Buffer.alloc(0);
  const wire = relayed.toString('latin1');
  t.match(wire, /^Received: /);
  t.equal(await verifies(relayed), true);
  t.equal(
    await verifies(Buffer.from(wire.replace('Dear Bob', 'Dear Rob'), 'latin1')),
    false,
    'and would not, had a letter changed',
  );
});
