import { startRedis } from '../test/support/redis.js';

const cleanups: (() => unknown)[] = [];
const H = 3600000,
  D = 24 * H;
const l = (rule: string, resource: any, perMs: number) => ({ rule, resource, perMs, count: 1e9, enforced: true });
const accountLimits = [
  l('volume.recipients', 'recipients', H),
  l('volume.recipients', 'recipients', D),
  l('volume.messages', 'messages', H),
  l('volume.messages', 'messages', D),
  l('volume.bytes', 'bytes', H),
  l('volume.bytes', 'bytes', D),
  l('volume.exempt', 'exempt-recipients', H),
  l('volume.exempt', 'exempt-recipients', D),
  l('storage.self-mail', 'self-bytes', D),
];
const floodLimits = {
  account: [l('flood.recipient', 'messages', H), l('flood.recipient', 'messages', D)],
  everyone: [l('flood.recipient', 'messages', H)],
};
let n = 0;
const sides: any[] = [];
for (const [name, path] of [
  ['old', '../node_modules/.cache/old/src/store/redis/redis-store.ts'],
  ['new', '../src/store/redis/redis-store.ts'],
] as const) {
  const { openRedisStore } = await import(path);
  const redis = await startRedis({ teardown: (c) => cleanups.push(c) }, { unixSocket: true });
  const store = await openRedisStore({
    connection: { socketPath: redis.socketPath! },
    times: { reservationTtlMs: 600000, sessionTtlMs: 180000, callTimeoutMs: 10000 },
  });
  sides.push({ name, store, admin: redis.client() });
}
async function one(store: any, rcpts: number) {
  n++;
  const lease = { transaction: `1k874hfu3shs2vkgv.${n}`, account: 'account-0' };
  const keys = Array.from({ length: rcpts }, (_, i) => `${n * 100 + i}recipient@example.net`);
  const facts = { suppression: true, revocation: true, rejections: true };
  await store.reserve({
    lease,
    accountLimits,
    amounts: { messages: 1, bytes: 0 },
    floodLimits,
    recipients: keys.map((key) => ({ key, domain: 'example.net', untaggedKey: null, resource: 'recipients' as const })),
    facts,
  });
  await store.commit({
    lease,
    accountLimits,
    amounts: { messages: 1, recipients: rcpts, 'exempt-recipients': 0, bytes: 1000, 'self-bytes': 0 },
    floodLimits,
    recipients: keys,
  });
}
async function round(side: any, rcpts: number, N: number) {
  let left = N;
  const cpu = async () => {
    const i = await side.admin.info('cpu');
    return 1e6 * (Number(/used_cpu_user:(.*)/.exec(i)![1]) + Number(/used_cpu_sys:(.*)/.exec(i)![1]));
  };
  const c0 = await cpu();
  const u0 = process.cpuUsage();
  await Promise.all(
    Array.from({ length: 20 }, async () => {
      while (left-- > 0) await one(side.store, rcpts);
    }),
  );
  const c1 = await cpu();
  const u1 = process.cpuUsage(u0);
  return [(c1 - c0) / N, (u1.user + u1.system) / N];
}
const med = (x: number[]) => x.sort((a, b) => a - b)[x.length >> 1]!.toFixed(0);
for (const [rcpts, N] of [
  [1, 400],
  [10, 100],
] as const) {
  const res: any = { old: [], new: [] };
  for (let r = 0; r < 9; r++)
    for (const side of sides) {
      const v = await round(side, rcpts, N);
      if (r > 1) res[side.name].push(v);
    }
  for (const s of ['old', 'new'])
    console.log(
      rcpts,
      'rcpt',
      s,
      'redis',
      med(res[s].map((v: any) => v[0])),
      'node',
      med(res[s].map((v: any) => v[1])),
      'min',
      Math.min(...res[s].map((v: any) => v[0])).toFixed(0),
      Math.min(...res[s].map((v: any) => v[1])).toFixed(0),
    );
}

import { loadScripts } from '../src/store/redis/scripts.ts';

const sha = new Map(Object.entries(loadScripts()).map(([k, v]) => [v.sha1, k]));
{
  const side = sides[1];
  await side.admin.config('SET', 'slowlog-max-len', '100000');
  await side.admin.config('SET', 'slowlog-log-slower-than', '0');
  await side.admin.call('SLOWLOG', 'RESET');
  await round(side, 1, 2000);
  const log = (await side.admin.call('SLOWLOG', 'GET', '100000')) as any[];
  const by: any = {};
  for (const [, , us, args] of log) {
    const k = args[0] === 'EVALSHA' ? sha.get(args[1]) : args[0];
    (by[k] ??= []).push(us);
  }
  for (const [k, v] of Object.entries(by) as any)
    console.log(
      k,
      v.length,
      'median',
      med(v),
      'mean',
      (v.reduce((a: number, b: number) => a + b) / v.length).toFixed(1),
    );
}
for (const s of sides) await s.store.close();
for (const c of cleanups.reverse()) await c();
process.exit(0);
