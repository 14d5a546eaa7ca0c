/** The private Postfix by itself: takes mail from swaks, hands it on, tells its queue, ends. */

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import t from 'tap';
import { startPostfix } from '../support/postfix.js';
import { startRelaySink } from '../support/relay-sink.js';

const run = promisify(execFile);

async function swaks(port: number, ...more: string[]): Promise<string> {
  const args = ['--server', `127.0.0.1:${port}`, '--from', 'a@example.com', '--to', 'b@example.net', ...more];
  const { stdout } = await run('swaks', args, { timeout: 60_000 });
  return stdout;
}

t.test('what it accepts reaches the next hop', async (t) => {
  const sink = await startRelaySink(t);
  const postfix = await startPostfix(t, { next: sink.port });
  t.match(await swaks(postfix.port), /250 2\.0\.0 Ok: queued as [0-9A-F]+/);
  const message = await sink.nextMessage();
  t.equal(message.mail, '<a@example.com>');
  t.strictSame(
    message.recipients.map((recipient) => recipient.path),
    ['<b@example.net>'],
  );
  await postfix.waitForLog(/status=sent/);
});

t.test('with no next hop it throws mail away, and its queue is empty', async (t) => {
  const postfix = await startPostfix(t);
  const args = ['-s', '2', '-m', '10', '-f', 'a@example.com', '-t', 'b@example.net', `127.0.0.1:${postfix.port}`];
  await run('smtp-source', args, { timeout: 60_000 });
  await postfix.waitForLog(/(?:[\s\S]*?postfix\/qmgr.*removed){10}/);
  t.strictSame(await postfix.queue(), []);
});

t.test('a next hop that is away leaves mail in the queue; it goes when told', async (t) => {
  const sink = await startRelaySink(t);
  await sink.stop();
  const postfix = await startPostfix(t, { next: sink.port });
  await swaks(postfix.port);
  await postfix.waitForLog(/status=deferred/);
  t.equal((await postfix.queue()).length, 1);
  await sink.restart();
  await postfix.flush();
  t.equal((await sink.nextMessage()).mail, '<a@example.com>');
});

t.test('the listener that we tell operators to add works', async (t) => {
  const listener = await readFile('deploy/postfix/behind-sluice.master.cf', 'utf8');
  const postfix = await startPostfix(t, { listener });
  t.match(await swaks(postfix.port), /250-XFORWARD NAME ADDR PROTO HELO SOURCE PORT IDENT/);
  const log = await postfix.waitForLog(/postfix\/from-sluice\/smtpd.*/);
  t.notMatch(log[0], /warning|fatal/);
});

t.test('it ends, and starts again on the same port', async (t) => {
  const postfix = await startPostfix(t);
  await postfix.stop();
  await t.rejects(swaks(postfix.port, '--timeout', '2'), 'nobody listens');
  await postfix.start();
  t.match(await swaks(postfix.port), /queued as/);
});
