/** A lower limit and a rule in observe mode, tried on what real clients sent, before either bites. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { parse, stringify } from 'yaml';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const redis = await startRedis(t);
const sink = await startRelaySink(t);
for (const store of ['redis', 'embedded'] as const) {
  await t.test(store, async (t) => {
    const sluice = await startSluice(t, {
      config: {
        relay: { hosts: [`127.0.0.1:${sink.port}`] },
        store: store === 'redis' ? { redis: { url: redis.url }, callTimeout: '5s' } : { callTimeout: '5s' },
        accounts: { unknown: 'acme' },
        rules: { 'volume.recipients': { limits: ['10/1h'] }, 'volume.messages': { mode: 'observe', limits: ['4/1h'] } },
      },
    });
    const client = await openSession(sluice.port());
    for (let number = 0; number < 6; number += 1) {
      const { end } = await sendMail(client, { to: [`r${number}@example.net`] });
      t.equal(end?.code, 250);
    }
    await client.close();
    const ask = async (...args: string[]) => JSON.parse((await sluice.cli(...args, '--json')).stdout);
    const reported = await until('all are written', async () => {
      const told = await ask('report', '--since', '1h');
      return told.decisions === 6 ? told : null;
    });
    t.match(reported, { complete: true, accounts: 1, messages: 2 });
    t.match(reported.rules, [
      { rule: 'volume.messages', verdict: 'defer', messages: 2, topAccounts: [{ account: 'acme' }] },
    ]);
    t.match(await ask('simulate', '--since', '1h'), { decisions: 6, changedMessages: 0, differences: [], caveats: [] });

    const config = parse(await readFile(sluice.configPath, 'utf8'));
    config.rules = {
      'volume.recipients': { limits: ['4/1h'] },
      'volume.messages': { mode: 'enforce', limits: ['5/1h'] },
    };
    const candidate = join(sluice.directory, 'new.yaml');
    await writeFile(candidate, stringify(config));
    config.rules = { 'volume.recipients': { limits: ['4/2h'] } };
    const other = join(sluice.directory, 'other.yaml');
    await writeFile(other, stringify(config));
    const simulated = await simulateWith(sluice, candidate);
    t.match(simulated.differences, [
      { rule: 'volume.recipients', change: 'defer', messages: 2, recipients: 2, accounts: 1 },
    ]);
    t.equal(simulated.differences[0].samples.length, 2);
    const anew = await simulateWith(sluice, other);
    t.match(
      anew.differences,
      [{ rule: 'volume.recipients', change: 'defer', messages: 2 }],
      'a window that nobody kept is counted anew',
    );
    t.match(anew.caveats.join('\n'), /the use of recipients per 2h was not recorded, so that it was counted/);
  });
}

async function simulateWith(
  sluice: { readonly configPath: string; cli(...args: string[]): Promise<{ stdout: string }> },
  file: string,
) {
  // `cli` names its own config: the candidate takes its place for the while.
  const own = await readFile(sluice.configPath, 'utf8');
  await writeFile(sluice.configPath, await readFile(file, 'utf8'));
  try {
    return JSON.parse((await sluice.cli('simulate', '--since', '1h', '--json')).stdout);
  } finally {
    await writeFile(sluice.configPath, own);
  }
}
