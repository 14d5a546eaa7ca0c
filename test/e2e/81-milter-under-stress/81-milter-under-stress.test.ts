/** Behind a busy Postfix, Sluice is restarted, stopped in its tracks, killed; Postfix reloads. No limit is exceeded. */

import { execFile } from 'node:child_process';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { promisify } from 'node:util';
import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { freePort } from '../../support/free-port.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const LIMIT = 250;
/** Between two mails of a client until all that is to happen has happened, so that a fast machine does not reach the limit before. */
const PACE_MS = 200;
// Several programs are started, on machines that may be busy.
t.setTimeout(300_000);
const world = await startRelaySink(t);
const port = await freePort();

function config(workers: number): ConfigInput {
  return {
    listen: [],
    milter: { listen: [{ name: 'milter', address: `127.0.0.1:${port}` }] },
    rules: { 'volume.messages': { limits: [`${LIMIT}/1h`] }, 'volume.recipients': { mode: 'off' } },
    store: { embedded: { path: 'sluice.db' } },
    workers,
    shutdownTimeout: '10s',
  };
}

const first = await startSluice(t, { config: config(2) });
const postfix = await startPostfix(t, {
  next: world.port,
  mainCf: {
    smtpd_milters: `inet:127.0.0.1:${port}`,
    milter_default_action: 'tempfail',
    milter_connect_timeout: '2s',
    milter_command_timeout: '2s',
    milter_content_timeout: '2s',
    smtpd_client_connection_count_limit: '0',
  },
});

interface Tally {
  accepted: number;
  /** Replies that were no 250: code and enhanced code. */
  readonly heard: Map<string, number>;
}

interface Load {
  readonly tally: Tally;
  /** As fast as they can from now on. */
  hurry(): void;
  stop(): Promise<Tally>;
}

/** Clients that send one mail after the other until told to stop, each on a session of its own. */
function load(clients: number): Load {
  const tally: Tally = { accepted: 0, heard: new Map() };
  let over = false;
  let paceMs = PACE_MS;
  const one = async (number: number) => {
    for (let count = 0; !over; count += 1) {
      await pauseFor(paceMs);
      const client = await openSession(postfix.port).catch(() => null);
      if (client === null) continue;
      const sent = await sendMail(client, { to: [`r${number}.${count}@example.net`] }).catch(() => null);
      client.destroy();
      if (sent === null) continue;
      const last = [sent.mail, ...sent.recipients, sent.data, sent.end].filter((reply) => reply !== null).at(-1);
      if (sent.end?.code === 250) tally.accepted += 1;
      else {
        const said =
          [sent.mail, ...sent.recipients, sent.end].find((reply) => reply !== null && reply.code !== 250) ?? last;
        const what = `${said?.code} ${said?.text.slice(0, 5)}`;
        tally.heard.set(what, (tally.heard.get(what) ?? 0) + 1);
      }
    }
  };
  const all = Promise.all(Array.from({ length: clients }, (_, number) => one(number)));
  return {
    tally,
    hurry() {
      paceMs = 0;
    },
    async stop() {
      over = true;
      await all;
      return tally;
    },
  };
}

let accepted = 0;

t.test('restarted, killed and reloaded under load: clients hear 250 or 4xx, and no limit is exceeded', async (t) => {
  const clients = load(4);
  t.teardown(() => clients.stop());
  const grows = async (by: number) => {
    const before = clients.tally.accepted;
    await until('mail flows', async () => (clients.tally.accepted >= before + by ? true : null));
  };
  await grows(5);
  t.equal(await first.stop(), 0, 'a graceful stop');
  const second = await startSluice(t, { config: config(2), directory: first.directory });
  await grows(5);
  await promisify(execFile)('postfix', ['-c', postfix.folder, 'reload'], { timeout: 60_000 });
  await grows(5);
  await second.kill();
  const third = await startSluice(t, { config: config(1), directory: first.directory });
  await grows(5);

  third.signal('SIGSTOP');
  const before = clients.tally.heard.get('451 4.7.1') ?? 0;
  await until('clients are deferred while Sluice does not answer', async () =>
    (clients.tally.heard.get('451 4.7.1') ?? 0) > before ? true : null,
  );
  third.signal('SIGCONT');
  clients.hurry();
  await until('the limit is reached', async () => (clients.tally.heard.has('450 4.7.0') ? true : null), 120_000);
  const { heard } = await clients.stop();
  accepted = clients.tally.accepted;
  t.strictSame(
    [...heard.keys()].filter((what) => !what.startsWith('4')),
    [],
    'nothing but 4xx',
  );
  t.ok(accepted <= LIMIT, `${accepted} of ${LIMIT}`);
  // What was charged and not accepted: mails in flight as Sluice was killed or did not answer.
  t.ok(accepted >= LIMIT - 20, `${accepted} of ${LIMIT}`);
  t.notOk(third.log.some(({ msg }) => String(msg).startsWith('a defect')));
});

t.test('what clients were told was accepted has gone out, and nothing else', async (t) => {
  await world.until(() => world.messages.length >= accepted, 'all of it');
  t.ok(world.messages.length <= LIMIT);
});

t.test('while Sluice is away, milter_default_action decides', async (t) => {
  const away = await startPostfix(t, {
    next: world.port,
    mainCf: { smtpd_milters: 'inet:127.0.0.1:1', milter_default_action: 'tempfail' },
  });
  const client = await openSession(away.port);
  const { mail } = await sendMail(client, { to: ['a@example.net'] });
  t.match(mail, { code: 451, text: /^4\.7\.1 Service unavailable/ });
  await client.close();
});
