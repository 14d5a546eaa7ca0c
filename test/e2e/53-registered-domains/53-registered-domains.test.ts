/** A From domain is registered and verified against a page and a name server of ours, and bulk mail goes by it. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { startDnsServer } from '../../support/dns-server.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const sink = await startRelaySink(t);
const dns = await startDnsServer(t, {
  'acme.example': { MX: ['10 mx.acme.example'] },
  'nomail.example': { MX: ['0 .'] },
  '1.2.0.192.list.example': { A: ['127.0.0.2'] },
});
let status = 200;
const web = createServer((_request, response) => {
  response.statusCode = status;
  response.end(`<h1>Privacy</h1>${'We keep your address to ourselves. '.repeat(20)}`);
});
web.listen(0, '127.0.0.1');
await once(web, 'listening');
t.teardown(() => web.close());
const page = `http://127.0.0.1:${(web.address() as AddressInfo).port}/privacy`;

const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: { unknown: 'acme' },
    dns: { servers: [dns.address], cacheFor: '0s', timeout: '10s' },
    domains: { verifyEvery: '2s' },
    rules: {
      'domain.registration': { mode: 'enforce', failedChecks: 1 },
      'message.source': { mode: 'enforce', ignore: ['missing'], senderDomain: 'reject' },
      'reputation.blocklist': { zones: [{ zone: 'list.example' }], addresses: ['192.0.2.1'] },
    },
  },
});

async function heard(from: string): Promise<string> {
  const client = await openSession(sluice.port());
  const data = `From: ${from}\r\nTo: b@example.net\r\nList-Id: <n.acme.example>\r\nSubject: x\r\n\r\nhello\r\n`;
  const { end } = await sendMail(client, { from: 'bounce@acme.example', to: ['b@example.net'], data });
  await client.close();
  return `${end?.code} ${end?.text}`;
}

const domain = (...args: string[]) => sluice.cli('domain', ...args, '--account', 'acme');

t.test('registered, with everything that the policy wants', async (t) => {
  t.match(
    await heard('news@acme.example'),
    /^554 5\.7\.1 \[domain\.registration\] The domain acme\.example is not registered/,
  );
  t.equal(
    (await domain('add', 'acme.example', '--privacy-policy', page, '--complaints', 'abuse@acme.example')).code,
    0,
  );
  t.match(await heard('news@acme.example'), /lacks a postal address/);
  await domain(
    'add',
    'acme.example',
    '--privacy-policy',
    page,
    '--complaints',
    'abuse@acme.example',
    '--postal-address',
    '1 Main St',
  );
  t.match(await heard('news@acme.example'), /^250 /);
  t.match((await domain('show', 'acme.example')).stdout, /complaint address: abuse@acme\.example/);
});

t.test('verified: what fails is said, what cannot be reached is no failure', async (t) => {
  const verified = await domain('verify', 'acme.example');
  t.match(verified, { code: 0, stdout: /privacy policy +ok: the page answers 200/ });
  status = 404;
  t.match(await domain('verify', 'acme.example'), { code: 1, stdout: /failed: the page answers 404/ });
  t.match(await heard('news@acme.example'), /does not hold: privacy policy: the page answers 404/);
  status = 503;
  t.match(await domain('verify', 'acme.example'), { code: 0, stdout: /unreachable: the page answers 503/ });
  t.match(await heard('news@acme.example'), /^250 /);
});

t.test('the running program verifies by itself', async (t) => {
  status = 404;
  await until('it has looked', async () => ((await heard('news@acme.example')).startsWith('554') ? true : null));
  status = 200;
  await until('it has looked again', async () => ((await heard('news@acme.example')).startsWith('250') ? true : null));
  t.equal((await domain('remove', 'acme.example')).code, 0);
  t.match(await heard('news@acme.example'), /is not registered/);
});

t.test('a sender domain that takes no mail is refused, and a listing is observed', async (t) => {
  await domain(
    'add',
    'nomail.example',
    '--privacy-policy',
    page,
    '--complaints',
    'a@b.example',
    '--postal-address',
    'x',
  );
  t.match(
    await heard('news@nomail.example'),
    /^554 5\.1\.8 \[message\.source\] .*nomail\.example cannot be answered: .*null MX/,
  );
  const seen = await until('the listing is written down', async () => {
    const { stdout } = await sluice.cli('decisions', '--json', '--rule', 'reputation.blocklist', '--limit', '1');
    return stdout.trim() === '' ? null : stdout;
  });
  t.match(seen, /"zone":"list\.example"/);
});
