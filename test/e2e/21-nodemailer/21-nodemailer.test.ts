/** A program's mail library sends through Sluice, and another one reads what arrived. */

import { createHash, createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';
import { type AddressObject, simpleParser } from 'mailparser';
import { createTransport } from 'nodemailer';
import t from 'tap';
import { makeCertificates } from '../../relay/certificates.js';
import { type RelaySink, type SinkMessage, startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const { ca, server: certificate } = makeCertificates(['DNS:localhost', 'IP:127.0.0.1']);
const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    listen: [
      { name: 'submission', address: '127.0.0.1:0', tls: 'starttls', auth: 'required', certificate },
      { name: 'submissions', address: '127.0.0.1:0', tls: 'implicit', auth: 'required', certificate },
    ],
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: { identify: [{ store: {} }], unknown: 'refuse' },
    shutdownTimeout: '1s',
  },
});
const set = await sluice.cliReading('correct horse\n', 'account', 'passwd', 'anna@example.com', '--account', 'acme');
if (set.code !== 0) throw new Error(set.stderr);

const account = (listener: string) => ({
  host: '127.0.0.1',
  port: sluice.port(listener),
  secure: listener === 'submissions',
  requireTLS: true,
  tls: { ca, servername: 'localhost' },
  auth: { user: 'anna@example.com', pass: 'correct horse' },
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const octets = randomBytes(700_000);

t.test('a mail with attachments arrives whole', async (t) => {
  const transport = createTransport(account('submission'));
  t.teardown(() => transport.close());
  const info = await transport.sendMail({
    from: 'Anna Müller <anna@example.com>',
    to: ['Bernd <b@example.net>', '"Quoted, Name" <c@example.net>'],
    cc: 'd@example.net',
    bcc: 'hidden@example.net',
    subject: 'Grüße – 你好 🙂',
    text: '.\n..\n.dots at the start\nFrom here on\n',
    html: '<p>Grüße – <b>你好</b> 🙂</p>',
    attachments: [
      { filename: 'random.bin', content: octets },
      { filename: 'Übersicht.csv', content: 'a;b\n1;2\n', contentType: 'text/csv' },
      { filename: 'empty.txt', content: '' },
    ],
  });
  t.match(info.response, /^250 2\.0\.0 Ok: queued as /);
  t.strictSame(info.rejected, []);
  const { mail, recipients, data } = await sink.nextMessage();
  t.equal(mail, '<anna@example.com>');
  t.strictSame(
    recipients.map(({ path }) => path),
    ['b', 'c', 'd', 'hidden'].map((name) => `<${name}@example.net>`),
  );
  const parsed = await simpleParser(data);
  t.equal(parsed.subject, 'Grüße – 你好 🙂');
  t.equal(parsed.from?.text, '"Anna Müller" <anna@example.com>');
  t.equal((parsed.to as AddressObject).value[1]?.name, 'Quoted, Name');
  t.equal(parsed.text, '.\n..\n.dots at the start\nFrom here on\n');
  t.equal(parsed.html, '<p>Grüße – <b>你好</b> 🙂</p>');
  t.notOk(data.includes('hidden@'), 'a blind copy stays blind');
  t.strictSame(
    parsed.attachments.map(({ filename, content }) => [filename, content.length, sha256(content)]),
    [
      ['random.bin', octets.length, sha256(octets)],
      ['Übersicht.csv', 8, sha256(Buffer.from('a;b\n1;2\n'))],
      ['empty.txt', 0, sha256(Buffer.alloc(0))],
    ],
  );
});

t.test('refused recipients are told apart', async (t) => {
  await sluice.cli('suppress', 'add', 'gone@example.net', '--reason', 'unsubscribed');
  const transport = createTransport(account('submissions'));
  t.teardown(() => transport.close());
  const info = await transport.sendMail({
    from: 'anna@example.com',
    to: ['kept@example.net', 'gone@example.net'],
    subject: 'x',
    text: 'x',
  });
  t.strictSame(info.accepted, ['kept@example.net']);
  t.strictSame(info.rejected, ['gone@example.net']);
  t.match(info.rejectedErrors?.[0], { responseCode: 550, response: /^550 5\.7\.1 \[recipient\.suppressed\]/ });
  await sink.nextMessage();
  await t.rejects(transport.sendMail({ from: 'anna@example.com', to: 'gone@example.net', text: 'x' }), {
    code: 'EENVELOPE',
    responseCode: 550,
  });
});

t.test('a pool of connections sends many', async (t) => {
  const transport = createTransport({ ...account('submission'), pool: true, maxConnections: 3, maxMessages: 7 });
  t.teardown(() => transport.close());
  const before = sink.messages.length;
  const numbers = Array.from({ length: 40 }, (_, number) => number);
  await Promise.all(
    numbers.map((number) =>
      transport.sendMail({
        from: 'anna@example.com',
        to: `to${number}@example.net`,
        subject: `number ${number}`,
        text: `${number}`.repeat(number * 100),
      }),
    ),
  );
  const arrived = sink.messages.slice(before);
  t.equal(arrived.length, numbers.length);
  for (const { data, recipients } of arrived) {
    const { subject, text } = await simpleParser(data);
    const number = Number(subject?.slice('number '.length));
    t.equal(recipients[0]?.path, `<to${number}@example.net>`, 'each with its own recipient');
    t.equal((text ?? '').replaceAll('\n', ''), `${number}`.repeat(number * 100));
  }
});

t.test('a DKIM signature stays valid: nothing below our Received field is touched', async (t) => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const transport = createTransport({
    ...account('submission'),
    dkim: { domainName: 'example.com', keySelector: 'test', privateKey: key },
  });
  t.teardown(() => transport.close());
  const before = sink.messages.length;
  await transport.sendMail({
    from: 'anna@example.com',
    to: 'b@example.net',
    subject: 'Signed – 你好',
    text: '.leading dot\n  white   space  \n\n\n',
    attachments: [{ filename: 'random.bin', content: octets.subarray(0, 50_000) }],
  });
  const message = await after(sink, before);
  const text = message.data.toString('latin1');
  const signature = /^DKIM-Signature:(?:.*\r\n)(?:[ \t].*\r\n)*/m.exec(text);
  t.ok(signature !== null && /^Received: /.test(text), 'our field, then the signature');
  t.ok(text.indexOf('DKIM-Signature:') > text.indexOf('Received:'));
  const tags = tagsOf(signature?.[0] ?? '');
  t.equal(bodyHash(text), tags.bh, 'the body is what was signed');
  const verify = createVerify('RSA-SHA256').update(signedHeader(text, signature?.[0] ?? '', tags.h ?? ''), 'latin1');
  t.ok(verify.verify(publicKey, tags.b ?? '', 'base64'), 'and so is the header');
});

/** The next message after so many. */
async function after(relay: RelaySink, position: number): Promise<SinkMessage> {
  await relay.until(() => relay.messages.length > position, 'the message');
  return relay.messages[position] as SinkMessage;
}

// ---------------------------------------------------------------- RFC 6376, relaxed/relaxed

function tagsOf(field: string): Record<string, string> {
  const value = field.slice(field.indexOf(':') + 1).replace(/\s+/g, '');
  return Object.fromEntries(value.split(';').map((tag) => [tag.split('=')[0] ?? '', tag.slice(tag.indexOf('=') + 1)]));
}

/** §3.4.4 */
function bodyHash(text: string): string {
  const body = text.slice(text.indexOf('\r\n\r\n') + 4);
  const lines = body.split('\r\n').map((line) => line.replace(/[ \t]+/g, ' ').replace(/ $/, ''));
  while (lines.at(-1) === '') lines.pop();
  const canonical = lines.map((line) => `${line}\r\n`).join('');
  return createHash('sha256').update(canonical, 'latin1').digest('base64');
}

/** §3.4.2, §3.7 */
function signedHeader(text: string, signature: string, names: string): string {
  const header = text.slice(0, text.indexOf('\r\n\r\n') + 2);
  const fields = header.match(/^[^ \t\r\n][^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*/gm) ?? [];
  const relaxed = (field: string) => {
    const colon = field.indexOf(':');
    const value = field
      .slice(colon + 1)
      .replace(/\r\n/g, '')
      .replace(/[ \t]+/g, ' ')
      .trim();
    return `${field.slice(0, colon).trim().toLowerCase()}:${value}`;
  };
  const signed = names.split(':').flatMap((name) => {
    const field = fields.findLast((one) => one.slice(0, one.indexOf(':')).trim().toLowerCase() === name.toLowerCase());
    return field === undefined ? [] : [`${relaxed(field)}\r\n`];
  });
  return `${signed.join('')}${relaxed(signature.replace(/(;\s*b=)[^;]*/, '$1'))}`;
}
