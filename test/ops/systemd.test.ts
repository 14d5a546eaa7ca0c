/** The systemd unit is valid, and systemd hears what we tell it: by its own tools, and a datagram socket in its place. */

import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { notifySystemd } from '../../src/telemetry/sd-notify.js';

const run = promisify(execFile);

// Node has no unix datagram sockets; Perl is on every Debian.
const LISTENER = `
  socket(my $s, PF_UNIX, SOCK_DGRAM, 0) or die; bind($s, sockaddr_un($ARGV[0])) or die; $| = 1;
  print "bound\\n"; while (defined recv($s, my $m, 4096, 0)) { print "$m\\n" }`;

async function folderFor(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-systemd-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

function environment(t: Test, socket: string | undefined): void {
  const before = process.env.NOTIFY_SOCKET;
  t.teardown(() => {
    delete process.env.NOTIFY_SOCKET;
    if (before !== undefined) process.env.NOTIFY_SOCKET = before;
  });
  delete process.env.NOTIFY_SOCKET;
  if (socket !== undefined) process.env.NOTIFY_SOCKET = socket;
}

t.test('what we tell arrives', async (t) => {
  const socket = join(await folderFor(t), 'notify.sock');
  const listener = spawn('perl', ['-MSocket', '-e', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.teardown(() => listener.kill());
  const heard: string[] = [];
  const lines = createInterface({ input: listener.stdout });
  lines.on('line', (line) => heard.push(line));
  await once(lines, 'line');
  environment(t, socket);

  t.equal(await notifySystemd('READY=1', 'STATUS=2 workers'), null);
  t.equal(await notifySystemd('STOPPING=1'), null);
  while (!heard.includes('STOPPING=1')) await once(lines, 'line');
  t.ok(heard.includes('READY=1'));
  t.ok(heard.includes('STATUS=2 workers'));
});

t.test('nobody is told when systemd did not start us', async (t) => {
  environment(t, undefined);
  t.equal(await notifySystemd('READY=1'), null);
});

t.test('a socket that is gone is an error to log, not an end', async (t) => {
  environment(t, join(await folderFor(t), 'gone.sock'));
  t.match((await notifySystemd('READY=1'))?.message, /systemd-notify READY=1: /);
});

t.test('the unit is valid by systemd itself', async (t) => {
  const folder = await folderFor(t);
  const unit = await readFile('deploy/sluice.service', 'utf8');
  const file = join(folder, 'sluice.service');
  // systemd looks whether the programs exist, and Node may be elsewhere here.
  await writeFile(file, unit.replaceAll('/usr/bin/node', process.execPath).replace(/^Documentation=.*\n/m, ''));
  const { stdout, stderr } = await run('systemd-analyze', ['verify', file], { timeout: 60_000 });
  const complaints = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('sluice.service'));
  t.strictSame(complaints, []);
});
