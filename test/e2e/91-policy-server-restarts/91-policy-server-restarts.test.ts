/** Sluice as a policy server is restarted, reloaded and killed while Postfix asks it: clients hear nothing but 250 and 4xx, and limits hold. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { freePort } from '../../support/free-port.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';
import type { SmtpClientReply } from '../../support/smtp-client.js';

// Four starts of the program, on a busy machine.
t.setTimeout(300_000);
const LIMIT = 2000;
const sink = await startRelaySink(t);
const directory = await mkdtemp(join(tmpdir(), 'sluice-policyd-restarts-'));
t.teardown(() => rm(directory, { recursive: true, force: true }));
const port = await freePort();

function config(limit: number): ConfigInput {
  return {
    listen: [],
    policyd: { listen: [{ name: 'postfix', address: `127.0.0.1:${port}` }] },
    store: { embedded: { path: join(directory, 'store.db') }, callTimeout: '10s' },
    rules: { 'volume.recipients': { limits: [`${limit}/1h`] }, 'volume.messages': { mode: 'off' } },
    workers: 2,
    shutdownTimeout: '5s',
  };
}

const start = () => startSluice(t, { config: config(LIMIT), directory });
let sluice: Sluice = await start();
const service = `check_policy_service inet:127.0.0.1:${port}`;
const postfix = await startPostfix(t, {
  next: sink.port,
  mainCf: {
    smtpd_relay_restrictions: 'permit_mynetworks, reject',
    smtpd_recipient_restrictions: service,
    smtpd_end_of_data_restrictions: service,
    smtpd_policy_service_retry_delay: '1s',
    smtpd_error_sleep_time: '0',
    smtpd_soft_error_limit: '10000',
    smtpd_hard_error_limit: '10000',
  },
});

/** Sends until told to stop; counts recipients of accepted messages, and gives everything heard that was neither 250 nor 4xx. */
function load(clients: number) {
  let over = false;
  let accepted = 0;
  let deferred = 0;
  const odd: string[] = [];
  const isOdd = ({ code }: SmtpClientReply) => code !== 250 && code !== 354 && (code < 400 || code >= 500);
  const running = Promise.all(
    Array.from({ length: clients }, async (_, number) => {
      const client = await openSession(postfix.port);
      for (let message = 0; !over; message += 1) {
        const to = [1, 2].map((local) => `r${number}-${message}-${local}@example.net`);
        const { mail, recipients, data, end } = await sendMail(client, { to });
        if (end !== null && end.code !== 250) await client.command('RSET');
        const heard = [mail, ...recipients, ...(data === null ? [] : [data]), ...(end === null ? [] : [end])];
        for (const reply of heard.filter(isOdd)) odd.push(`${reply.code} ${reply.text}`);
        if (end?.code === 250) accepted += recipients.filter(({ code }) => code === 250).length;
        else deferred += 1;
      }
      await client.close();
    }),
  );
  return {
    odd,
    get accepted() {
      return accepted;
    },
    get deferred() {
      return deferred;
    },
    async stop() {
      over = true;
      await running;
    },
    async more(count: number) {
      const target = accepted + count;
      const deadline = Date.now() + 60_000;
      while (accepted < target && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
      if (accepted < target) throw new Error(`only ${accepted} of ${target} were accepted; odd: ${odd.join('; ')}`);
    },
  };
}

async function counted(): Promise<number> {
  const usage = await sluice.cli('usage', 'tester', '--json');
  const { windows } = JSON.parse(usage.stdout) as { windows: { rule: string; used: number }[] };
  return windows.find(({ rule }) => rule === 'volume.recipients')?.used ?? -1;
}

t.test('a reload under load loses nothing', async (t) => {
  const work = load(4);
  await work.more(10);
  await sluice.writeConfig(config(LIMIT - 1));
  sluice.signal('SIGHUP');
  await sluice.waitForLog('the reload', ({ msg }) => msg === 'config reloaded');
  await work.more(10);
  await work.stop();
  t.strictSame(work.odd, []);
  t.equal(work.deferred, 0);
  t.equal(await counted(), work.accepted);
});

t.test(
  'a stop and a start under load: messages under way come to their end, others are asked about again',
  async (t) => {
    const before = await counted();
    const work = load(4);
    await work.more(10);
    t.equal(await sluice.stop(), 0);
    sluice = await start();
    await work.more(20);
    await work.stop();
    t.strictSame(work.odd, []);
    t.comment(`${work.accepted} accepted, ${work.deferred} deferred`);
    const now = await counted();
    t.ok(now - before >= work.accepted, `${now - before} are counted of ${work.accepted}`);
  },
);

t.test('killed under load: nothing that was accepted is uncounted', async (t) => {
  const before = await counted();
  const work = load(4);
  await work.more(10);
  await sluice.kill();
  sluice = await start();
  await work.more(20);
  await work.stop();
  t.strictSame(work.odd, []);
  const now = await counted();
  t.ok(
    now - before >= work.accepted,
    `${now - before} are counted of ${work.accepted}, what the dead process held too`,
  );
});
