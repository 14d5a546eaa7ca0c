import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { parseConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/schema.js';
import { removeStaleSockets } from '../../src/service/stale-sockets.js';

const folder = mkdtempSync(join(tmpdir(), 'sluice-sockets-'));
t.teardown(() => rmSync(folder, { recursive: true }));

function listeningAt(...paths: readonly string[]): Config {
  const listen = paths.map((path, index) => `{ name: m${index}, address: "unix:${path}" }`).join(', ');
  const loaded = parseConfig('sluice.yaml', `milter: { listen: [${listen}] }`, { env: {}, directory: folder });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.config;
}

t.test('what a killed process left is taken away; nothing else is', async (t) => {
  const [stale, alive, file, nothing] = ['stale', 'alive', 'file', 'nothing'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
    string,
  ];
  const script = 'require("net").createServer().listen(process.argv[1], () => console.log("listens"))';
  const child = spawn(process.execPath, ['-e', script, stale], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const server = createServer().listen(alive);
  await once(server, 'listening');
  writeFileSync(file, 'a file');

  t.ok(existsSync(stale));
  await removeStaleSockets(listeningAt(stale, alive, file, nothing));
  t.notOk(existsSync(stale));
  t.ok(existsSync(alive));
  t.ok(existsSync(file));
  server.close();
});
