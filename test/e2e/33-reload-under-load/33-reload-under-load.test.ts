/** The config changes while mail flows: no session is lost, counts survive, and what is wrong changes nothing. */

import { writeFile } from 'node:fs/promises';
import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { crowd } from '../../support/crowd.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { type LogLine, type Sluice, startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const sink = await startRelaySink(t);

function config(limit: string, more: Partial<ConfigInput> = {}): ConfigInput {
  return {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    rules: { 'volume.messages': { limits: [limit] }, 'volume.recipients': { mode: 'off' } },
    workers: 2,
    ...more,
  };
}

const sluice = await startSluice(t, { config: config('100000/1h') });

/** SIGHUP, and the line that tells how it ended. */
async function reload(of: Sluice, outcome: 'config reloaded' | RegExp): Promise<LogLine> {
  const from = of.log.length;
  of.signal('SIGHUP');
  return of.waitForLog(`${outcome}`, (line) => {
    if (of.log.indexOf(line) < from) return false;
    return typeof outcome === 'string' ? line.msg === outcome : outcome.test(String(line.msg));
  });
}

/** One mail on a new session: the reply to RCPT. */
async function rcpt(): Promise<string> {
  const client = await openSession(sluice.port());
  const { recipients } = await sendMail(client, { to: ['probe@example.net'] });
  await client.close();
  return `${recipients[0]?.code} ${recipients[0]?.text}`;
}

t.test('a threshold changes under load', async (t) => {
  let over = false;
  let sent = 0;
  const load = crowd([sluice.port()], 8, async (client, number) => {
    const odd: string[] = [];
    for (let message = 0; !over; message += 1) {
      const { mail, recipients, end } = await sendMail(client, { to: [`r${number}.${message}@example.net`] });
      const heard = [mail, ...recipients, ...(end === null ? [] : [end])].find(({ code }) => code !== 250);
      if (heard === undefined) sent += 1;
      else if (!/^4\.7\.0 \[volume\.messages\] The limit of 30 /.test(heard.text)) odd.push(heard.text);
    }
    return odd;
  });
  await sink.until(() => sink.messages.length > 60, 'the load');
  await sluice.writeConfig(config('90000/1h'));
  await reload(sluice, 'config reloaded');
  const before = sink.messages.length;
  await sink.until(() => sink.messages.length > before + 40, 'the load after a reload');

  await sluice.writeConfig(config('30/1h'));
  await reload(sluice, 'config reloaded');
  const passed = sink.messages.length;
  t.match(
    await rcpt(),
    /^450 4\.7\.0 \[volume\.messages\] The limit of 30 messages .*\(\d{3} used\)/,
    'it bites at once',
  );
  t.ok(sink.messages.length <= passed + 8, 'no more than what was under way still passed');

  await sluice.writeConfig(config('100000/1h'));
  await reload(sluice, 'config reloaded');
  const again = sink.messages.length;
  await sink.until(() => sink.messages.length > again + 20, 'the load once the limit is raised');
  over = true;
  t.strictSame((await load).flat(), [], 'no session was lost, and nothing else was heard');
  t.equal(sink.messages.length, sent, 'each message whose client heard 250 is there, once');
  const usage = await sluice.cli('usage', 'tester', '--json');
  t.match(JSON.parse(usage.stdout).windows, [{ resource: 'messages', used: sent }], 'everything was counted all along');
});

t.test('a listener that offers AUTH from now on takes it too', async (t) => {
  const client = await openSession(sluice.port());
  const anna = `AUTH PLAIN ${Buffer.from('\0anna\0wrong').toString('base64')}`;
  t.equal((await client.command(anna)).code, 500, 'not yet');
  const listen: ConfigInput['listen'] = [{ name: 'test', address: '127.0.0.1:0', auth: 'optional', authInClear: true }];
  await sluice.writeConfig(config('100000/1h', { listen }));
  await reload(sluice, 'config reloaded');
  t.match((await client.command('EHLO client.example')).lines, /AUTH PLAIN LOGIN/);
  t.match(await client.command(anna), { code: 535, text: /^5\.7\.8 / }, 'even a session that was open');
  await client.close();
});

t.test('a config with mistakes is refused as a whole, and each is told with its place', async (t) => {
  await writeFile(sluice.configPath, 'rules:\n  volume.messages:\n    limits: ["0 per hour"]\nworkerz: 3\n');
  const line = await reload(sluice, /refused/);
  t.match(line.reason, /sluice-\d+\.yaml:3:14/, 'the rate, at its line and column');
  t.match(line.reason, /sluice-\d+\.yaml:4:1\b/, 'the unknown key');
  t.match(line.reason, /workers/, 'and what was probably meant');
  t.equal((await rcpt()).slice(0, 3), '250', 'the old one goes on');
  t.match((await sluice.get('/metrics')).body, /sluice_config_reloads_total\{outcome="refused"\} 1/);
});

t.test('a worker that is replaced meanwhile takes the config that is in force, not the file', async (t) => {
  const victim = Number(sluice.transactions[0]?.pid);
  const died = sluice.waitForLog('a worker died', ({ msg }) => msg === 'a worker died');
  process.kill(victim, 'SIGKILL');
  await died;
  await until('both workers answer', async () => ((await sluice.get('/readyz')).status === 200 ? true : null));
  t.notOk(
    sluice.log.some(({ msg }) => msg === 'a worker could not be restarted'),
    'it starts although the file is broken',
  );
  for (let i = 0; i < 4; i += 1) t.equal((await rcpt()).slice(0, 3), '250');
});

t.test('what needs a restart is refused by name', async (t) => {
  await sluice.writeConfig(config('5/1h', { workers: 3, relay: { hosts: ['127.0.0.1:1'] } }));
  const line = await reload(sluice, /refused/);
  t.match(line.reason, /a restart is needed for: relay, workers$/);
  t.equal((await rcpt()).slice(0, 3), '250', 'nothing of it was taken, the lower limit neither');
});

t.test('a users file that has gone is refused too, before any worker hears of it', async (t) => {
  const identify: NonNullable<ConfigInput['accounts']>['identify'] = [{ users: { file: 'gone.users' } }];
  await sluice.writeConfig(config('5/1h', { accounts: { identify } }));
  const line = await reload(sluice, /refused/);
  t.match(line.reason, /gone\.users/);
  t.equal((await rcpt()).slice(0, 3), '250');
});
