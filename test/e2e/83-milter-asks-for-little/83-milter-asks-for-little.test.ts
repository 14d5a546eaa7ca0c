/** Between Postfix and Sluice go no more octets than the rules that are on need: counted on the way. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { freePort } from '../../support/free-port.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

t.setTimeout(300_000);
const world = await startRelaySink(t);
const port = await freePort();
const OCTETS = 200_000;

const counted = { octets: 0 };
const between = createServer((fromPostfix) => {
  const toSluice = connect(port, '127.0.0.1');
  for (const socket of [fromPostfix, toSluice]) socket.on('error', () => socket.destroy());
  fromPostfix.on('data', (chunk) => {
    counted.octets += chunk.length;
  });
  fromPostfix.pipe(toSluice).pipe(fromPostfix);
}).listen(0, '127.0.0.1');
await once(between, 'listening');
t.teardown(() => between.close());
const postfix = await startPostfix(t, {
  next: world.port,
  mainCf: {
    smtpd_milters: `inet:127.0.0.1:${(between.address() as AddressInfo).port}`,
    milter_default_action: 'tempfail',
  },
});

function config(rules: NonNullable<ConfigInput['rules']>): ConfigInput {
  return { listen: [], milter: { listen: [{ name: 'milter', address: `127.0.0.1:${port}` }] }, rules };
}

const NO_OCTETS = { 'volume.bytes': { mode: 'off' }, 'storage.self-mail': { mode: 'off' } } as const;
const sluice = await startSluice(t, { config: config(NO_OCTETS) });

/** One message on a session of its own: octets from Postfix to Sluice, and the size that was noted. */
async function send(): Promise<{ readonly octets: number; readonly size: unknown }> {
  const before = { octets: counted.octets, lines: sluice.transactions.length };
  const client = await openSession(postfix.port);
  const data = `Subject: large\r\n\r\n${`${'x'.repeat(78)}\r\n`.repeat(OCTETS / 80)}`;
  const sent = await sendMail(client, { to: ['a@example.net'], data, mailParameters: `SIZE=${data.length}` });
  t.match(sent.end, { code: 250 });
  await client.close();
  const line = await sluice.waitForLog('it', (one) => sluice.transactions.indexOf(one) === before.lines);
  return { octets: counted.octets - before.octets, size: line.size };
}

async function reload(rules: NonNullable<ConfigInput['rules']>): Promise<void> {
  const from = sluice.log.length;
  await sluice.writeConfig(config(rules));
  sluice.signal('SIGHUP');
  await sluice.waitForLog('the reload', (line) => line.msg === 'config reloaded' && sluice.log.indexOf(line) >= from);
}

t.test('the envelope alone, as long as no rule counts octets or reads messages', async (t) => {
  const { octets, size } = await send();
  t.ok(octets < 600, `${octets} octets`);
  t.ok(Number(size) > OCTETS, 'what the client declared');
});

t.test('all of it once a rule does, for any plan', async (t) => {
  await reload({ ...NO_OCTETS, 'message.source': { mode: 'observe', senderDomain: 'pass' } });
  const { octets, size } = await send();
  t.ok(octets > OCTETS, `${octets} octets`);
  t.ok(Number(size) > OCTETS);
});

t.test('and less again', async (t) => {
  await reload(NO_OCTETS);
  t.ok((await send()).octets < 600);
});
