import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const run = promisify(execFile);

t.test('swaks sends through two workers, and everybody can see it', async (t) => {
  const sink = await startRelaySink(t);
  const sluice = await startSluice(t, {
    config: { relay: { hosts: [`127.0.0.1:${sink.port}`] }, accounts: { unknown: 'acme' }, workers: 2 },
  });
  const { stdout } = await run('swaks', [
    '--server',
    `127.0.0.1:${sluice.port()}`,
    '--from',
    'a@b.example',
    '--to',
    'c@d.example',
  ]);
  t.match(stdout, /<- {2}250 /);
  const message = await sink.nextMessage();
  t.match(
    message.data.toString(),
    /^Received: from .*\(\[127\.0\.0\.1\]\)\r\n\tby sluice\.example \(Sluice\) with ESMTP id /,
  );
  const line = await sluice.waitForLog('the transaction', (one) => one.event === 'transaction');
  t.match(line, { account: 'acme', ending: 'accepted', reversePath: 'a@b.example' });
  t.match(await sluice.get('/readyz'), { status: 200 });
  t.match((await sluice.get('/metrics')).body, /sluice_transactions_total\{[^}]*ending="accepted"[^}]*\} 1/);
  const { code, stdout: decisions } = await sluice.cli('decisions', '--json');
  t.equal(code, 0);
  t.match(decisions, String(line.transaction));
  t.equal(await sluice.stop(), 0, 'it ends by itself');
});
