/** What a Sluice that has nothing to do may use. */

import { until } from '../support/until.js';
import type { SluiceProcess } from './sluice-process.js';

/** Of one process that has nothing to do: its own files, the store, the log, and no sockets of clients or relay. */
const IDLE_DESCRIPTORS = 60;
const IDLE_RESIDENT = 300 * 1024 * 1024;

/** No sessions, no waiting, no sockets, every worker is there: what is otherwise, in words. */
export async function leftOver(instance: SluiceProcess, workers: number): Promise<string[]> {
  const found: string[] = [];
  await until(
    `${instance.name} is ready`,
    async () => ((await instance.get('/readyz')).status === 200 ? true : null),
    10_000,
  ).catch((error: unknown) => found.push(String(error)));
  const { body } = await instance.get('/metrics');
  const sessions = metric(body, 'sluice_sessions');
  const waiting = metric(body, 'sluice_relay_pool', 'state="waiting"');
  const open = metric(body, 'sluice_relay_pool', 'state="open"');
  if (sessions !== 0) found.push(`${instance.name} counts ${sessions} sessions, and there are none`);
  if (waiting !== 0 || open > 0)
    found.push(`${instance.name}: ${open} relay connections, ${waiting} waiting, long after the last mail`);
  const timers = metric(body, 'nodejs_active_resources', 'type="Timeout"');
  if (timers > 20 * (workers + 1)) found.push(`${instance.name} has ${timers} timers when idle`);
  const dropped = metric(body, 'sluice_decisions_dropped_total');
  if (dropped > 0) found.push(`${instance.name} dropped ${dropped} decisions`);
  if (instance.workers.length !== workers) found.push(`${instance.name} has ${instance.workers.length} workers`);
  for (const { pid, descriptors, residentOctets } of instance.footprints()) {
    const process = `process ${pid} of ${instance.name}`;
    if (descriptors > IDLE_DESCRIPTORS) found.push(`${process} has ${descriptors} descriptors when idle`);
    if (residentOctets > IDLE_RESIDENT) found.push(`${process} has ${residentOctets} octets resident when idle`);
  }
  return found;
}

/** The sum of a metric's samples whose labels have this in them. */
function metric(body: string, name: string, label = ''): number {
  return body
    .split('\n')
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
