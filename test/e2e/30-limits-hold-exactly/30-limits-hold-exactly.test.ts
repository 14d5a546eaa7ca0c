/** However many processes race for a limit, the relay gets exactly as many recipients as it allows. */

import t, { type Test } from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { crowd } from '../../support/crowd.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { type RelaySink, startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const LIMIT = 61;
const CLIENTS = 16;
const MESSAGES = 4;
const RECIPIENTS = 3;

function config(sink: RelaySink, more: Partial<ConfigInput>): ConfigInput {
  return {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    rules: { 'volume.recipients': { limits: [`${LIMIT}/1h`] } },
    ...more,
  };
}

async function race(t: Test, sink: RelaySink, ports: readonly number[]): Promise<void> {
  const heard = await crowd(ports, CLIENTS, async (client, number) => {
    const replies: string[] = [];
    for (let message = 0; message < MESSAGES; message += 1) {
      const to = Array.from({ length: RECIPIENTS }, (_, place) => `c${number}m${message}r${place}@example.net`);
      const { mail, recipients, end } = await sendMail(client, { to });
      t.equal(mail.code, 250, mail.text);
      if (end !== null) t.equal(end.code, 250, end.text);
      replies.push(...recipients.map(({ code, text }) => `${code} ${text}`));
    }
    return replies;
  });
  const replies = heard.flat();
  const accepted = replies.filter((reply) => reply.startsWith('250 '));
  const refused = replies.filter((reply) => !reply.startsWith('250 '));
  t.equal(replies.length, CLIENTS * MESSAGES * RECIPIENTS);
  t.equal(accepted.length, LIMIT, 'clients heard 250 for exactly as many');
  const relayed = sink.messages.flatMap((message) => message.recipients.map(({ path }) => path));
  t.equal(relayed.length, LIMIT, 'the relay has exactly as many');
  t.equal(new Set(relayed).size, LIMIT, 'none of them twice');
  const sentence =
    /^450 4\.7\.0 \[volume\.recipients\] The limit of 61 recipients in 1 hour for this account is reached \((\d+) used\), please try again in (.+) ref=\S+$/;
  for (const reply of refused) {
    const used = Number(sentence.exec(reply)?.[1]);
    if (!(used > LIMIT - RECIPIENTS && used <= LIMIT)) t.fail(`an odd refusal: ${reply}`);
  }
  t.match(refused.at(-1), /please try again in about (1 hour|\d+ minutes)/, 'the last one hears when it frees up');
}

t.test('two machines with two workers each, on one Redis', async (t) => {
  const redis = await startRedis(t);
  const sink = await startRelaySink(t);
  const settings = { config: config(sink, { store: { redis: { url: redis.url }, callTimeout: '5s' }, workers: 2 }) };
  const machines = await Promise.all([startSluice(t, settings), startSluice(t, settings)]);
  await race(
    t,
    sink,
    machines.map((machine) => machine.port()),
  );
  const workers = new Set(machines.flatMap((machine) => machine.transactions.map(({ pid }) => pid)));
  t.equal(workers.size, 4, 'every worker took part');
});

t.test('four workers on the embedded store', async (t) => {
  const sink = await startRelaySink(t);
  const sluice = await startSluice(t, { config: config(sink, { workers: 4, store: { callTimeout: '5s' } }) });
  await race(t, sink, [sluice.port()]);
  const workers = new Set(sluice.transactions.map(({ pid }) => pid));
  t.equal(workers.size, 4, 'every worker took part');
});

/** So many that the first one leaves ample room: RCPT holds nothing. */
const AMPLE = 70;
const OPEN_AT_ONCE = 80;

t.test('where more were promised room than there is, the charge decides', async (t) => {
  const redis = await startRedis(t);
  const sink = await startRelaySink(t);
  const onRedis = { redis: { url: redis.url }, callTimeout: '5s' };
  const rules = {
    'volume.recipients': { limits: [`${AMPLE}/1h`] },
    'volume.connections': { accountConcurrent: OPEN_AT_ONCE, clientConcurrent: OPEN_AT_ONCE },
  };
  const relay = { hosts: [`127.0.0.1:${sink.port}`], pool: { limit: OPEN_AT_ONCE } };
  const sluice = await startSluice(t, { config: config(sink, { store: onRedis, workers: 2, rules, relay }) });
  const ports = Array.from({ length: OPEN_AT_ONCE }, () => sluice.port());
  const clients = await Promise.all(ports.map((port) => openSession(port)));
  const promised = await Promise.all(
    clients.map(async (client, number) => {
      await client.command('MAIL FROM:<a@example.com>');
      return client.command(`RCPT TO:<r${number}@example.net>`);
    }),
  );
  t.ok(
    promised.every(({ code }) => code === 250),
    'nobody has used anything yet',
  );
  const { stdout } = await sluice.cli('usage', 'tester', '--json');
  t.match(stdout, /"used": ?0\b/);
  const ends = await Promise.all(
    clients.map(async (client) => {
      await client.command('DATA');
      client.write('Subject: test\r\n\r\nhello\r\n');
      return client.command('.');
    }),
  );
  for (const client of clients) client.destroy();
  t.equal(ends.filter(({ code }) => code === 250).length, AMPLE);
  t.equal(sink.messages.length, AMPLE, 'the relay has exactly as many');
  const late = ends.filter(({ code }) => code !== 250);
  for (const { code, text } of late) {
    t.match(
      `${code} ${text}`,
      /^451 4\.7\.0 \[volume\.recipients\] The limit of 70 recipients in 1 hour .* \(70 used\)/,
    );
  }
  t.equal(late.length, OPEN_AT_ONCE - AMPLE);
});
