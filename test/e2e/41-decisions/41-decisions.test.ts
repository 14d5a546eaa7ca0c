/** Every verdict is written down, can be asked for and followed; writing it never delays mail. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { PROGRAM } from '../../support/program.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const redis = await startRedis(t);
const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    store: { redis: { url: redis.url }, callTimeout: '2s' },
    decisions: { max: 20 },
    rules: { 'volume.recipients-per-message': { limit: 1 } },
  },
});

interface Shown {
  readonly id: string;
  readonly account: string;
  readonly verdict: string;
  readonly recipients: readonly { readonly address: string }[];
}

async function decisions(...filter: string[]): Promise<readonly Shown[]> {
  const { stdout } = await sluice.cli('decisions', '--json', ...filter);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Shown);
}

function addresses(shown: readonly Shown[]): readonly (string | undefined)[] {
  return shown.map(({ recipients }) => recipients[0]?.address);
}

t.test('asked for by account and rule', async (t) => {
  const client = await openSession(sluice.port());
  await sendMail(client, { to: ['pass@example.net'] });
  await sendMail(client, { to: ['first@example.net', 'second@example.net'] });
  await client.close();
  const all = await until('both are written', async () => {
    const shown = await decisions('--account', 'tester');
    return shown.length === 2 ? shown : null;
  });
  t.strictSame(addresses(all), ['pass@example.net', 'first@example.net']);
  t.match(all, [{ verdict: 'pass' }, { verdict: 'defer' }]);
  t.strictSame(addresses(await decisions('--rule', 'volume.recipients-per-message')), ['first@example.net']);
  t.strictSame(await decisions('--account', 'somebody-else'), []);
});

t.test('--follow sees a new one as it comes', async (t) => {
  const args = [...PROGRAM, 'decisions', '--json', '--follow', '--config', sluice.configPath];
  const follower = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => follower.kill('SIGKILL'));
  const seen: string[] = [];
  const lines = createInterface({ input: follower.stdout });
  lines.on('line', (line) => seen.push((JSON.parse(line) as Shown).recipients[0]?.address ?? ''));
  await once(lines, 'line');
  const client = await openSession(sluice.port());
  for (const to of ['followed1@example.net', 'followed2@example.net']) {
    await sendMail(client, { to: [to] });
    await until(`${to} is seen`, async () => (seen.includes(to) ? true : null));
    t.equal(seen.filter((one) => one === to).length, 1, 'once');
  }
  await client.close();
  const ended = once(follower, 'exit');
  follower.kill('SIGTERM');
  await ended;
});

t.test('`decisions.max` bounds them', async (t) => {
  const client = await openSession(sluice.port());
  for (let number = 0; number < 40; number += 1) await sendMail(client, { to: [`bound${number}@example.net`] });
  await client.close();
  const shown = await until('the last one is written', async () => {
    const latest = await decisions('--limit', '200');
    return addresses(latest).at(-1) === 'bound39@example.net' ? latest : null;
  });
  t.equal(shown.length, 20);
  t.equal(addresses(shown)[0], 'bound20@example.net', 'the oldest went');
});

t.test('with the store away mail is not delayed, and what is lost is counted', async (t) => {
  const away = await startRedis(t);
  const passing = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`], envelope: 'deferred' },
      store: { redis: { url: away.url }, callTimeout: '500ms', onFailure: 'pass' },
      accounts: { unknown: 'acme' },
    },
  });
  const client = await openSession(passing.port());
  await away.stop();
  // Weights of decisions are their recipients: this is more than the ledger keeps waiting.
  const to = Array.from({ length: 1_000 }, (_, number) => `r${number}@example.net`);
  const batch = `MAIL FROM:<a@example.com>\r\n${to.map((address) => `RCPT TO:<${address}>\r\n`).join('')}RSET\r\n`;
  for (let number = 0; number < 24; number += 1) {
    client.write(batch);
    for (let reply = 0; reply < to.length + 2; reply += 1) {
      const { code, text } = await client.read();
      if (code !== 250) return t.fail(`${code} ${text}`);
    }
  }
  t.equal((await sendMail(client, { to: ['last@example.net'] })).end?.code, 250, 'mail passes');
  await client.close();
  const { body } = await passing.get('/metrics');
  const dropped = Number(/^sluice_decisions_dropped_total (\d+)$/m.exec(body)?.[1]);
  t.ok(dropped > 0 && dropped < 25, `${dropped} of 25 were dropped and counted, the others wait`);

  await away.restart();
  await until('the others are written once it is back', async () => {
    const { stdout } = await passing.cli('decisions', '--account', 'acme', '--limit', '200');
    return stdout.split('\n').filter((line) => line !== '').length === 25 - dropped ? true : null;
  });
  t.pass('the others are written once it is back');
});
