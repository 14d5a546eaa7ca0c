/** The embedded store's file: shared by processes, outliving them, bounded, guarded. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import Libsql from 'libsql';
import { type Test, t } from 'tap';
import { SCHEMA_VERSION, type StoreTimes } from '../../src/store/contract.js';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import { moduleProcess } from '../support/module-process.js';
import { NODE } from '../support/program.js';
import { commit, limitOf, newLease, recipients, reserve, send } from './contract/sender.js';
import { suppressionOf } from './contract/suppressions.js';
import { DAY, HOUR, MINUTE } from './contract/times.js';

const times: StoreTimes = { reservationTtlMs: 10 * MINUTE, sessionTtlMs: 3 * MINUTE, callTimeoutMs: 5_000 };
const PROGRAM = moduleProcess('./embedded-process', import.meta.url);

async function storePath(t: Test): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-store-'));
  t.teardown(() => rm(folder, { recursive: true }));
  return join(folder, 'store.db');
}

/** Another process on the store; `limits` are shell words that go before. */
function start(t: Test, args: readonly string[], limits = ''): ChildProcess & { stdout: NodeJS.ReadableStream } {
  const command = `${limits} exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', command, 'env', ...NODE, ...PROGRAM.execArgv, PROGRAM.path, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  return child;
}

async function open(t: Test, path: string, more: { clock?: () => number; times?: StoreTimes } = {}) {
  const store = await openEmbeddedStore({ path, times, ...more });
  t.teardown(() => store.close());
  return store;
}

t.test('processes that create a store at once and race for its room share one limit', async (t) => {
  const path = await storePath(t);
  const counts = await Promise.all(
    [1, 2, 3, 4].map(async () => Number(await text(start(t, ['race', path, '200']).stdout))),
  );
  t.equal(
    counts.reduce((sum, accepted) => sum + accepted, 0),
    200,
  );
});

t.test('a killed process loses no charge, and its holds come home', async (t) => {
  const path = await storePath(t);
  const child = start(t, ['hold', path, '5']);
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  await once(child, 'exit');
  let now = Date.now();
  const store = await open(t, path, { clock: () => now });
  const limits = [limitOf('recipients', 5, HOUR)];
  t.match(await store.usage('acme', limits), [{ used: 5 }]);
  now += 11 * MINUTE;
  t.match(await store.usage('acme', limits), [{ used: 1 }]);
});

t.test('what was stored is there after it was closed and opened', async (t) => {
  const path = await storePath(t);
  const first = await openEmbeddedStore({ path, times });
  await first.suppress([suppressionOf('bob@example.net')]);
  await send(first, [limitOf('recipients', 5, HOUR)], 3);
  await first.close();
  const again = await open(t, path);
  t.match(await again.usage('acme', [limitOf('recipients', 5, HOUR)]), [{ used: 3 }]);
  t.equal((await again.suppressions({ limit: 5 })).items.length, 1);
});

t.test('what was asked for before the end is done before it', async (t) => {
  const path = await storePath(t);
  const store = await openEmbeddedStore({ path, times });
  const asked = store.suppress([suppressionOf('bob@example.net')]);
  await store.close();
  await asked;
  await t.rejects(store.suppress([suppressionOf('ann@example.net')]), { code: 'STORE_UNAVAILABLE', verb: 'suppress' });
});

t.test('the file is for its owner only', async (t) => {
  const path = await storePath(t);
  const store = await open(t, path);
  await store.setCredential({ username: 'ann', account: 'acme', hash: 'secret' });
  for (const name of await readdir(join(path, '..'))) {
    const { mode } = await stat(join(path, '..', name));
    t.equal(mode & 0o077, 0, name);
  }
});

t.test('a store of a newer Sluice is refused by name', async (t) => {
  const path = await storePath(t);
  await (await openEmbeddedStore({ path, times })).close();
  const sql = new Libsql(path);
  sql.pragma(`user_version = ${SCHEMA_VERSION + 1}`);
  sql.close();
  await t.rejects(openEmbeddedStore({ path, times }), {
    code: 'STORE_SCHEMA_TOO_NEW',
    found: SCHEMA_VERSION + 1,
    where: path,
  });
});

t.test('what is no store is refused, and left as it is', async (t) => {
  const path = await storePath(t);
  const sql = new Libsql(path);
  sql.exec('CREATE TABLE songs (title TEXT)');
  sql.close();
  await t.rejects(openEmbeddedStore({ path, times }), { code: 'STORE_UNAVAILABLE', message: /another program/ });
  const letter = join(path, '..', 'letter.txt');
  await writeFile(letter, 'Dear reader, '.repeat(1_000));
  await t.rejects(openEmbeddedStore({ path: letter, times }), { code: 'STORE_UNAVAILABLE', verb: 'open' });
  const nowhere = join(path, '..', 'missing', 'store.db');
  await t.rejects(openEmbeddedStore({ path: nowhere, times }), { code: 'STORE_UNAVAILABLE', message: /ENOENT/ });
});

t.test('while another process keeps the file locked, calls fail in time, and then go on', async (t) => {
  const path = await storePath(t);
  const store = await open(t, path, { times: { ...times, callTimeoutMs: 60 } });
  const other = new Libsql(path);
  t.teardown(() => other.close());
  other.exec('BEGIN IMMEDIATE');
  const suppressed = store.suppress([suppressionOf('bob@example.net')]);
  const reserved = reserve(store, newLease(), []);
  await t.rejects(suppressed, { code: 'STORE_UNAVAILABLE', verb: 'suppress' });
  await t.rejects(reserved, { code: 'STORE_UNAVAILABLE', verb: 'reserve' });
  t.same((await store.suppressions({ limit: 5 })).items, [], 'reading goes on');
  other.exec('ROLLBACK');
  await store.suppress([suppressionOf('bob@example.net')]);
  t.equal((await store.suppressions({ limit: 5 })).items.length, 1);
});

t.test('a full disk is an unavailable store, not a crash', async (t) => {
  const path = await storePath(t);
  // Blocks of 512 octets: 1 MiB. The signal that goes with it is ignored, so that writing fails; not by what tap loads.
  const child = start(t, ['fill', path], "unset NODE_OPTIONS; trap '' XFSZ; ulimit -f 2048;");
  t.equal(await text(child.stdout), 'STORE_UNAVAILABLE suppress, reads 10, pings\n');
});

t.test('one failing call does not take the others of its turn with it', async (t) => {
  const store = await open(t, await storePath(t));
  const bad = store.suppress([{ ...suppressionOf('bad@example.net'), reason: null as unknown as 'manual' }]);
  const good = store.suppress([suppressionOf('good@example.net')]);
  await t.rejects(bad);
  await good;
  t.match((await store.suppressions({ limit: 5 })).items, [{ key: 'good@example.net' }]);
});

t.test('what has run out is removed: the rows stay bounded, however long it runs', async (t) => {
  const path = await storePath(t);
  let now = Date.now();
  const store = await open(t, path, { clock: () => now });
  const limits = [limitOf('recipients', 1_000, HOUR), limitOf('messages', 1_000, DAY)];
  const floodLimits = { account: [limitOf('messages', 5, HOUR)], everyone: [limitOf('messages', 9, HOUR)] };
  const policy = { scope: 'account', presumeDeliveredAfterMs: DAY, keepMs: 2 * HOUR } as const;
  for (let turn = 0; turn < 300; turn += 1) {
    const lease = newLease();
    const asked = recipients(5, `t${turn}-`);
    const keys = asked.map(({ key }) => key);
    await reserve(store, lease, limits, { floodLimits, recipients: asked });
    // Every third process dies here.
    if (turn % 3 > 0) await commit(store, lease, limits, { amounts: { recipients: 5 }, floodLimits, recipients: keys });
    await store.openSession({ session: `s${turn}`, subject: 'client:192.0.2.1', concurrent: null, limits: [] });
    const [key = ''] = keys;
    await store.recordOutcome(
      { account: 'acme', key, message: `m${turn}`, kind: 'rejected', status: '', at: null },
      policy,
    );
    await store.suppress([suppressionOf(key, { expiresAt: now + HOUR })]);
    now += 5 * MINUTE;
  }
  const sql = new Libsql(path, { readonly: true });
  t.teardown(() => sql.close());
  for (const table of ['slots', 'leases', 'holds', 'sessions', 'outcomes', 'streaks', 'suppressions']) {
    const { rows } = sql.prepare(`SELECT COUNT(*) AS rows FROM ${table}`).get() as { rows: number };
    t.ok(rows < 500, `${table}: ${rows} rows`);
  }
});
