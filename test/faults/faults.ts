/** What the injector may do to the parts of a run. */

import { execFile } from 'node:child_process';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { RedisServer } from '../support/redis.js';
import type { ChaosProxy } from './chaos-proxy.js';
import type { Fault } from './injector.js';
import type { RelayProcess } from './relay-process.js';
import { type SluiceProcess, signal } from './sluice-process.js';

const run = promisify(execFile);
/** Below this nothing of a database can be written any more. */
const FULL_DISK_OCTETS = 4_096;

export function relayFaults(relay: RelayProcess, proxy: ChaosProxy): Fault[] {
  return [
    {
      kind: 'relay killed',
      weight: 2,
      run: async (random) => {
        await relay.kill();
        await pauseFor(random.whole(0, 1_500));
        await relay.start();
        return 'relay';
      },
    },
    {
      kind: 'relay paused',
      weight: 3,
      run: async (random) => {
        // Some longer than Sluice waits for a reply to the final dot.
        relay.signal('SIGSTOP');
        await pauseFor(random.chance(0.2) ? 7_000 : random.whole(50, 2_000));
        relay.signal('SIGCONT');
        return 'relay';
      },
    },
    {
      kind: 'relay connections cut',
      weight: 2,
      run: async () => {
        proxy.cutAll();
        return 'relay';
      },
    },
  ];
}

export function redisFaults(redis: RedisServer): Fault[] {
  return [
    {
      kind: 'redis killed',
      weight: 2,
      run: async (random) => {
        await redis.stop();
        await pauseFor(random.whole(0, 1_500));
        await redis.restart();
        return 'redis';
      },
    },
    {
      kind: 'redis paused',
      weight: 3,
      run: async (random) => {
        redis.pause();
        await pauseFor(random.whole(50, 2_500));
        redis.resume();
        return 'redis';
      },
    },
    {
      kind: 'redis connections closed',
      weight: 2,
      run: async () => {
        const client = redis.client();
        await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
        client.disconnect();
        return 'redis';
      },
    },
  ];
}

export function diskFaults(instances: readonly SluiceProcess[]): Fault[] {
  return [
    {
      kind: 'disk full',
      weight: 4,
      run: async (random) => {
        const instance = random.pick(instances);
        const pids = instance.workers;
        for (const pid of pids) await limitFiles(pid, FULL_DISK_OCTETS);
        await pauseFor(random.whole(100, 2_500));
        for (const pid of pids) await limitFiles(pid, 'unlimited');
        return instance.name;
      },
    },
  ];
}

export function sluiceFaults(instances: readonly SluiceProcess[], clients: readonly ChaosProxy[]): Fault[] {
  const running = () => instances.filter((instance) => instance.running);
  return [
    {
      kind: 'worker killed',
      weight: 4,
      run: async (random) => {
        const instance = random.pick(running());
        const { workers } = instance;
        if (workers.length === 0) return null;
        signal(random.pick(workers), 'SIGKILL');
        await pauseFor(300);
        return instance.name;
      },
    },
    {
      kind: 'worker paused',
      weight: 4,
      run: async (random) => {
        const instance = random.pick(running());
        const { workers } = instance;
        if (workers.length === 0) return null;
        const worker = random.pick(workers);
        signal(worker, 'SIGSTOP');
        // Now and then for longer than its leases last.
        await pauseFor(random.chance(0.1) ? 12_000 : random.whole(50, 2_500));
        signal(worker, 'SIGCONT');
        return instance.name;
      },
    },
    {
      kind: 'instance killed',
      weight: 2,
      run: (random) => restarted(random.pick(running()), (instance) => instance.kill('all', 5_000)),
    },
    {
      kind: 'primary killed',
      weight: 1,
      // Its workers end by themselves, within the time that a stop may take.
      run: (random) => restarted(random.pick(running()), (instance) => instance.kill('primary', 15_000)),
    },
    {
      kind: 'instance stopped',
      weight: 2,
      run: (random) => restarted(random.pick(running()), (instance) => instance.stop(15_000)),
    },
    {
      kind: 'config reloaded',
      weight: 1,
      run: async (random) => {
        const instance = random.pick(running());
        instance.signal('SIGHUP');
        return instance.name;
      },
    },
    {
      kind: 'client connections cut',
      weight: 2,
      run: async (random) => {
        random.pick(clients).cutAll();
        return 'clients';
      },
    },
  ];
}

async function restarted(instance: SluiceProcess, end: (instance: SluiceProcess) => Promise<void>): Promise<string> {
  await end(instance);
  for (;;) {
    try {
      await instance.start();
      return instance.name;
    } catch {
      // The store is away just now: whoever supervises it tries again.
      await pauseFor(500);
    }
  }
}

async function limitFiles(pid: number, octets: number | 'unlimited'): Promise<void> {
  // The soft limit only, which may be raised again without any right.
  await run('prlimit', ['--pid', `${pid}`, `--fsize=${octets}:`]).catch(() => undefined);
}
