/**
 * Real Redis servers for tests, on loopback, in a temporary folder, without
 * persistence; everything ends with the test.
 */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Redis, type RedisOptions } from 'ioredis';
import { freePort } from './free-port.js';
import { until } from './until.js';

const READY_WITHIN_MS = 60_000;
const RETRY_EVERY_MS = 20;

/** The part of tap's test that is needed here. */
export interface Cleanup {
  teardown(clean: () => unknown): unknown;
}

export interface RedisSettings {
  /** More command-line arguments: `['--maxmemory', '3mb']`. */
  readonly args?: readonly string[];
  /** Also listen on a unix socket. */
  readonly unixSocket?: boolean;
  readonly password?: string;
  /** TLS only, with a certificate for 127.0.0.1 and localhost made for the test. */
  readonly tls?: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

export interface RedisServer {
  readonly port: number;
  /** Null without `unixSocket`. */
  readonly socketPath: string | null;
  /** `redis://` or `rediss://`, password included. */
  readonly url: string;
  /** The certificate authority and a client certificate, PEM; null without `tls`. */
  readonly tls: { readonly ca: string; readonly cert: string; readonly key: string } | null;
  /** The running process; another one after `restart`. */
  readonly process: ChildProcess;
  /** A client for the test's own commands, closed with the test. */
  client(): Redis;
  /** Ends it by SIGKILL. */
  stop(): Promise<void>;
  /** Stops it if it runs, and starts it, empty, on the same port. */
  restart(): Promise<void>;
  /** SIGSTOP: connections stay open, nothing answers. */
  pause(): void;
  resume(): void;
}

export async function startRedis(t: Cleanup, settings: RedisSettings = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-redis-'));
  const port = await freePort();
  const socketPath = settings.unixSocket ? join(folder, 'redis.sock') : null;
  const certificates = settings.tls ? await makeCertificates(folder) : null;
  const args = [
    ...['--save', '', '--appendonly', 'no', '--dir', folder, '--bind', '127.0.0.1', '--daemonize', 'no'],
    ...(certificates === null ? ['--port', `${port}`] : ['--port', '0', '--tls-port', `${port}`]),
    ...(certificates === null ? [] : tlsArgs(folder)),
    ...(socketPath === null ? [] : ['--unixsocket', socketPath]),
    ...(settings.password === undefined ? [] : ['--requirepass', settings.password]),
    ...(settings.args ?? []),
  ];
  const clientOptions: RedisOptions = {
    port,
    host: '127.0.0.1',
    ...(settings.password === undefined ? {} : { password: settings.password }),
    ...(certificates === null ? {} : { tls: certificates }),
  };
  const clients = new Set<Redis>();
  let running = await launch(args, clientOptions, settings.env);

  const stop = async () => {
    await end(running);
  };
  t.teardown(async () => {
    for (const client of clients) client.disconnect();
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  const secret = settings.password === undefined ? '' : `:${encodeURIComponent(settings.password)}@`;
  return {
    port,
    socketPath,
    url: `${settings.tls ? 'rediss' : 'redis'}://${secret}127.0.0.1:${port}`,
    tls: certificates,
    get process() {
      return running;
    },
    client() {
      const client = quietClient(clientOptions);
      clients.add(client);
      return client;
    },
    stop,
    async restart() {
      await stop();
      running = await launch(args, clientOptions, settings.env);
    },
    pause() {
      running.kill('SIGSTOP');
    },
    resume() {
      running.kill('SIGCONT');
    },
  };
}

export interface SentinelGroup {
  readonly name: string;
  readonly sentinels: readonly { readonly host: string; readonly port: number }[];
  readonly nodes: readonly RedisServer[];
  /** Promotes the replica; resolves when the sentinel names the new master and that takes writes. */
  failover(): Promise<void>;
}

/** A master, a replica and a sentinel. */
export async function startSentinel(t: Cleanup): Promise<SentinelGroup> {
  const name = 'sluice-test';
  const fast = ['--repl-diskless-sync-delay', '0', '--repl-ping-replica-period', '1'];
  const master = await startRedis(t, { args: fast });
  const replica = await startRedis(t, { args: [...fast, '--replicaof', '127.0.0.1', `${master.port}`] });
  const watch = replica.client();
  await until('replica in sync', async () =>
    /master_link_status:up/.test(await watch.info('replication')) ? true : null,
  );

  const folder = await mkdtemp(join(tmpdir(), 'sluice-sentinel-'));
  const port = await freePort();
  const config = join(folder, 'sentinel.conf');
  await writeFile(
    config,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${folder}`,
      `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
      `sentinel down-after-milliseconds ${name} 1000`,
      `sentinel failover-timeout ${name} 5000`,
      '',
    ].join('\n'),
  );
  const sentinel = await launch([config, '--sentinel'], { host: '127.0.0.1', port });
  const asked = quietClient({ host: '127.0.0.1', port });
  t.teardown(async () => {
    asked.disconnect();
    await end(sentinel);
    await rm(folder, { recursive: true, force: true });
  });
  const masterPort = async () =>
    Number(((await asked.call('SENTINEL', 'get-master-addr-by-name', name)) as string[])[1]);
  await until('sentinel knows the replica', async () => {
    const replicas = (await asked.call('SENTINEL', 'replicas', name)) as unknown[];
    return replicas.length > 0 ? true : null;
  });
  const nodes = [master, replica];
  const clients = nodes.map((node) => node.client());
  return {
    name,
    sentinels: [{ host: '127.0.0.1', port }],
    nodes,
    async failover() {
      const before = await masterPort();
      await until('failover started', async () => asked.call('SENTINEL', 'failover', name));
      await until('failover done', async () => {
        const now = await masterPort();
        if (now === before) return null;
        const role = await clients[nodes.findIndex((node) => node.port === now)]?.role();
        return role?.[0] === 'master' ? true : null;
      });
    },
  };
}

export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  /** Moves a slot with all its keys to another node, as `redis-cli --cluster reshard` does. */
  moveSlot(slot: number, from: RedisServer, to: RedisServer): Promise<void>;
}

const CLUSTER_SLOTS = 16_384;

/** A Redis Cluster of masters, the slots shared out evenly. */
export async function startCluster(t: Cleanup, size: number): Promise<RedisCluster> {
  const nodes: RedisServer[] = [];
  for (let i = 0; i < size; i++) {
    const bus = await freePort();
    const args = ['--cluster-enabled', 'yes', '--cluster-port', `${bus}`];
    nodes.push(await startRedis(t, { args }));
  }
  const clients = nodes.map((node) => node.client());
  const buses = await Promise.all(
    clients.map(async (client) => (await client.config('GET', 'cluster-port')) as string[]),
  );
  for (const [i, client] of clients.entries()) {
    const first = Math.ceil((i * CLUSTER_SLOTS) / size);
    const last = Math.ceil(((i + 1) * CLUSTER_SLOTS) / size) - 1;
    await client.call('CLUSTER', 'ADDSLOTSRANGE', `${first}`, `${last}`);
    await client.call('CLUSTER', 'SET-CONFIG-EPOCH', `${i + 1}`);
    if (i > 0) await client.call('CLUSTER', 'MEET', '127.0.0.1', `${nodes[0]?.port}`, `${buses[0]?.[1]}`);
  }
  await until('every node sees the whole cluster', async () => {
    const infos = await Promise.all(clients.map((client) => client.call('CLUSTER', 'INFO') as Promise<string>));
    const whole = infos.every(
      (text) =>
        text.includes('cluster_state:ok') &&
        text.includes(`cluster_slots_ok:${CLUSTER_SLOTS}`) &&
        text.includes(`cluster_known_nodes:${size}`),
    );
    return whole ? true : null;
  });
  const ids = await Promise.all(clients.map(async (client) => String(await client.call('CLUSTER', 'MYID'))));
  return {
    nodes,
    async moveSlot(slot, from, to) {
      const [source, target] = [nodes.indexOf(from), nodes.indexOf(to)];
      const [giver, taker] = [clients[source] as Redis, clients[target] as Redis];
      await taker.call('CLUSTER', 'SETSLOT', `${slot}`, 'IMPORTING', `${ids[source]}`);
      await giver.call('CLUSTER', 'SETSLOT', `${slot}`, 'MIGRATING', `${ids[target]}`);
      for (;;) {
        const keys = (await giver.call('CLUSTER', 'GETKEYSINSLOT', `${slot}`, '10')) as string[];
        if (keys.length === 0) break;
        await giver.call('MIGRATE', '127.0.0.1', `${to.port}`, '', '0', '2000', 'KEYS', ...keys);
      }
      for (const client of [taker, giver, ...clients]) {
        await client.call('CLUSTER', 'SETSLOT', `${slot}`, 'NODE', `${ids[target]}`);
      }
    },
  };
}

async function launch(
  args: readonly string[],
  options: RedisOptions,
  env: RedisSettings['env'] = {},
): Promise<ChildProcess> {
  const child = spawn('redis-server', [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let said = '';
  const keep = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`redis-server ended with ${code}: ${said}`);
  });
  failed.catch(() => {});
  const probe = quietClient(options);
  try {
    await Promise.race([failed, until('redis-server answers', async () => probe.ping())]);
  } catch (error) {
    await end(child);
    throw error;
  } finally {
    probe.disconnect();
  }
  return child;
}

/** Retries quickly and keeps its errors to the calls that they hit. */
function quietClient(options: RedisOptions): Redis {
  const client = new Redis({
    ...options,
    replyMapping: 'legacy',
    retryStrategy: () => RETRY_EVERY_MS,
    maxRetriesPerRequest: null,
  });
  client.on('error', () => {});
  return client;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

function tlsArgs(folder: string): string[] {
  return [
    ...['--tls-cert-file', join(folder, 'server.crt'), '--tls-key-file', join(folder, 'server.key')],
    ...['--tls-ca-cert-file', join(folder, 'ca.crt'), '--tls-auth-clients', 'yes'],
  ];
}

/** A certificate authority that signs one certificate for server and client. */
async function makeCertificates(folder: string): Promise<{ ca: string; cert: string; key: string }> {
  const openssl = (...args: string[]) =>
    promisify(execFile)('openssl', args, { cwd: folder, timeout: READY_WITHIN_MS });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await openssl('req', '-x509', ...newKey, '-subj', '/CN=Test CA', '-days', '2', '-keyout', 'ca.key', '-out', 'ca.crt');
  await openssl('req', ...newKey, '-subj', '/CN=localhost', '-keyout', 'server.key', '-out', 'server.csr');
  await writeFile(join(folder, 'ext'), 'subjectAltName=IP:127.0.0.1,DNS:localhost\n');
  const signedBy = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext'];
  await openssl('x509', '-req', '-in', 'server.csr', ...signedBy, '-days', '2', '-out', 'server.crt');
  const read = (name: string) => readFile(join(folder, name), 'utf8');
  return { ca: await read('ca.crt'), cert: await read('server.crt'), key: await read('server.key') };
}
