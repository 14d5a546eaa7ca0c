/** OpenDKIM's miltertest plays the MTA, from scripts beside this file: an implementation that is not ours. */

import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { startSluice } from '../../support/sluice.js';

const folder = 'test/e2e/82-miltertest';
const sluice = await startSluice(t, {
  config: {
    listen: [],
    milter: {
      listen: [{ name: 'milter', address: '127.0.0.1:0' }],
      traceField: 'X-Sluice-Id',
      refusedMessages: 'quarantine',
    },
    accounts: { identify: [{ mta: {} }, { daemon: { MSA: 'house' } }] },
    rules: {
      'volume.recipients-per-message': { limit: 2 },
      'volume.bytes': { limits: ['2KiB/1h'] },
      'account.sender': { mode: 'enforce' },
    },
  },
});

for (const script of (await readdir(folder)).filter((name) => name.endsWith('.lua')).sort()) {
  t.test(script, async (t) => {
    const socket = `inet:${sluice.port('milter')}@127.0.0.1`;
    const said = await new Promise<{ error: Error | null; text: string }>((done) => {
      execFile(
        'miltertest',
        ['-D', `socket=${socket}`, '-s', join(folder, script)],
        { timeout: 60_000 },
        (error, out, err) => done({ error, text: `${out}${err}` }),
      );
    });
    t.equal(said.error, null, said.text);
  });
}

t.test('who was who', async (t) => {
  const seen = await sluice.waitForLog('the last', ({ queueId }) => queueId === 'NEXT01');
  await sluice.waitForLog('the stranger', ({ account }) => account === 'tester');
  t.match(seen, { account: 'house', ending: 'passed' });
  t.match(
    sluice.transactions.map(({ account, ending, queueId }) => `${account} ${ending} ${queueId}`).sort(),
    [
      'anna passed q8ABC01',
      'anna quarantined q8ABC02',
      'house aborted null',
      'house passed NEXT01',
      'tester aborted null',
    ].sort(),
  );
});
