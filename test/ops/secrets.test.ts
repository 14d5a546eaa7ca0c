/**
 * No password leaves by a side door: a full run at the most talkative level,
 * with everything going wrong that makes programs quote what they were doing.
 */

import t from 'tap';
import { makeCertificates } from '../relay/certificates.js';
import { openSession, sendMail } from '../support/mail.js';
import { startRedis } from '../support/redis.js';
import { startRelaySink } from '../support/relay-sink.js';
import { startSluice } from '../support/sluice.js';
import { connectSmtp } from '../support/smtp-client.js';
import { until } from '../support/until.js';

const REDIS = 'redis-open-sesame';
const REDIS_LATER = 'redis-later-sesame';
const RELAY = 'relay-open-sesame';
const ANNA = 'anna-open-sesame';
const WRONG = 'wrong-open-sesame';
const BACKEND = 'backend-open-sesame';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const plain = (username: string, password: string) => base64(`\0${username}\0${password}`);

/** Each as it is, and as AUTH sends it. */
const SECRETS = [
  ...[REDIS, REDIS_LATER, RELAY, ANNA, WRONG, BACKEND].flatMap((secret) => [secret, base64(secret)]),
  ...[plain('sluice', RELAY), plain('anna', ANNA), plain('anna', WRONG), plain('bob', WRONG)],
].map((secret) => secret.replace(/=+$/, ''));

function secretsIn(text: string): readonly string[] {
  return SECRETS.filter((secret) => text.includes(secret));
}

const redis = await startRedis(t, { password: REDIS });
const { server } = makeCertificates(['IP:127.0.0.1']);
const sink = await startRelaySink(t, { tls: server, credentials: { sluice: RELAY } });
const sluice = await startSluice(t, {
  config: {
    listen: [{ name: 'test', address: '127.0.0.1:0', auth: 'required', authInClear: true }],
    relay: {
      hosts: [`127.0.0.1:${sink.port}`],
      auth: { username: 'sluice', password: RELAY },
      pool: { maxTransactions: 1 },
      retry: { first: '100ms', longest: '200ms' },
    },
    store: { redis: { url: redis.url } },
    accounts: {
      identify: [
        { store: {} },
        { relay: {} },
        { http: { url: `http://user:${BACKEND}@127.0.0.1:${sink.port}/check?key=${BACKEND}`, timeout: '500ms' } },
      ],
      unknown: 'refuse',
    },
    rules: { 'account.auth-guessing': { mode: 'observe' } },
    workers: 2,
    log: { level: 'trace' },
  },
});
let said = '';
for (const stream of [sluice.process.stdout, sluice.process.stderr]) {
  stream?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
}
const commands: string[] = [];
const cli = async (...args: string[]) => {
  const { stdout, stderr } = await sluice.cli(...args);
  commands.push(stdout, stderr);
};

/** What clients heard. */
const heard: string[] = [];
async function login(...lines: readonly string[]) {
  const client = await openSession(sluice.port());
  let last = { code: 0, text: '' };
  for (const line of lines) {
    last = await client.command(line);
    heard.push(last.text);
  }
  return { client, last };
}

t.test('mail flows: every secret is in use', async (t) => {
  const set = await sluice.cliReading(`${ANNA}\n`, 'account', 'passwd', 'anna', '--account', 'acme', '--json');
  t.equal(set.code, 0);
  commands.push(set.stdout, set.stderr);
  for (const lines of [
    [`AUTH PLAIN ${plain('anna', ANNA)}`],
    ['AUTH PLAIN', plain('anna', ANNA)],
    ['AUTH LOGIN', base64('anna'), base64(ANNA)],
  ]) {
    const { client, last } = await login(...lines);
    t.equal(last.code, 235);
    t.equal((await sendMail(client, { to: ['b@example.net'] })).end?.code, 250);
    client.destroy();
  }
});

t.test('clients log in wrongly, in each way', async (t) => {
  const wrong = [
    [`AUTH PLAIN ${plain('anna', WRONG)}`],
    ['AUTH LOGIN', base64('anna'), base64(WRONG)],
    // Its username and password in one; a mechanism that nobody has; a login that was given up.
    [`AUTH PLAIN ${plain('bob', WRONG)}`],
    [`AUTH CRAM-MD5 ${base64(WRONG)}`],
    [plain('anna', ANNA)],
    [`PASS ${ANNA}`],
    [`AUTH PLAIN ${base64(ANNA)}`],
  ];
  for (const lines of wrong) {
    const { client, last } = await login(...lines);
    t.ok(last.code >= 400, `${last.code} ${last.text}`);
    client.destroy();
  }
});

t.test('a relay refuses our password, and quotes it', async (t) => {
  sink.script = {
    ...sink.script,
    steps: { AUTH: ({ line }) => `454 4.7.0 not understood: ${line}` },
  };
  for (let i = 0; i < 3; i += 1) {
    const { client, last } = await login(`AUTH PLAIN ${plain('anna', ANNA)}`);
    t.equal(last.code, 235);
    const { mail, recipients } = await sendMail(client, { to: ['b@example.net'] });
    heard.push(mail.text, ...recipients.map(({ text }) => text));
    client.destroy();
  }
  const unsure = await login(`AUTH PLAIN ${plain('bob', WRONG)}`);
  t.ok(unsure.last.code >= 400);
  unsure.client.destroy();
  await sluice.waitForLog('the refusal', ({ msg }) => msg === 'relay is down');
  commands.push((await sluice.get('/readyz')).body);
});

t.test('Redis has another password from one moment to the next', async (t) => {
  const client = redis.client();
  await client.config('SET', 'requirepass', REDIS_LATER);
  await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
  await sluice.waitForLog('the refusal', ({ msg }) => msg === 'store connection');
  const session = await connectSmtp({ port: sluice.port() });
  const { code, text } = await session.read();
  t.equal(code, 421);
  heard.push(text);
  session.destroy();
  await cli('usage', 'acme');
  commands.push((await sluice.get('/readyz')).body);
  await client.config('SET', 'requirepass', REDIS);
  await until('the store is back', async () =>
    (await sluice.get('/readyz')).body.includes('"store":"ok"') ? true : null,
  );
});

t.test('what the commands and pages show', async (t) => {
  await cli('decisions', '--json');
  for (const page of ['/healthz', '/readyz', '/metrics'] as const) commands.push((await sluice.get(page)).body);
  await cli('check-config', '--print-effective');
  t.match(commands.at(-2), /redis:/);
});

t.test('none of it is anywhere', async (t) => {
  await sluice.stop();
  const log = sluice.log.map((line) => JSON.stringify(line)).join('\n');
  t.ok(sluice.transactions.length >= 3, 'there is a log');
  t.same(secretsIn(log), [], 'in the log');
  t.same(secretsIn(said), [], 'in anything that was written');
  t.same(secretsIn(heard.join('\n')), [], 'in replies');
  t.same(secretsIn(commands.join('\n')), [], 'in commands and pages');
});
