/** Processes that the bench starts, and what /proc says of their cost. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, openSync, readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { delimiter, join } from 'node:path';
import type { Cleanup } from '../test/support/redis.js';
import { until } from '../test/support/until.js';
import { NotHere } from './subject.js';

/** Linux counts CPU time in hundredths of a second for every program. */
const TICK_MICROS = 10_000;
const STOP_WITHIN_MS = 5_000;

export interface Started {
  readonly pid: number;
  readonly logPath: string;
}

/** Starts a program that is ended with the bench, its output in a file. */
export function start(
  cleanup: Cleanup,
  logPath: string,
  command: readonly [string, ...string[]],
  env: Readonly<Record<string, string>> = {},
): Started {
  const [program, ...args] = command;
  const log = openSync(logPath, 'w');
  const child = spawn(pathOf(program), args, { stdio: ['ignore', log, log], env: { ...process.env, ...env } });
  child.on('error', () => undefined);
  cleanup.teardown(() => end(child));
  if (child.pid === undefined) throw new NotHere(`${program} cannot be started`);
  return { pid: child.pid, logPath };
}

/** Throws NotHere when the program is not installed. */
export function pathOf(program: string): string {
  if (program.includes('/')) return program;
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/lib/postfix/sbin']) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Looked for in the next folder.
    }
  }
  throw new NotHere(`${program} is not installed`);
}

/** On a busy machine rspamd takes minutes to prepare its list of domains. */
const OPEN_WITHIN_MS = 400_000;

/** Resolves when the port greets, or takes connections if it is no SMTP. */
/** @param at port of 127.0.0.1, or path of a unix socket */
export async function untilOpen(what: string, at: number | string, greets: boolean): Promise<void> {
  await until(what, () => knock(at, greets), OPEN_WITHIN_MS);
}

function knock(at: number | string, greets: boolean): Promise<true | null> {
  return new Promise((resolve) => {
    const socket = typeof at === 'string' ? connect(at) : connect(at, '127.0.0.1');
    const settle = (open: true | null) => {
      socket.destroy();
      resolve(open);
    };
    socket.setTimeout(5_000, () => settle(null));
    socket.on('error', () => settle(null));
    socket.on('close', () => settle(null));
    if (greets) socket.once('data', () => settle(true));
    else socket.once('connect', () => settle(true));
  });
}

/** CPU time, microseconds. */
export interface CpuTime {
  /** Of the program itself. */
  readonly user: number;
  /** Of the kernel on its behalf. */
  readonly system: number;
}

/** CPU that the processes and all their descendants have used, by the name of the program; those that were waited for are counted to who did. */
export function cpuByProgram(pids: readonly number[]): ReadonlyMap<string, CpuTime> {
  const used = new Map<string, CpuTime>();
  for (const pid of familyOf(pids)) {
    const stat = statOf(pid);
    if (stat === null) continue;
    // utime, stime, and those of children that have ended: proc(5).
    const micros = (field: number) => Number(stat.fields[field] ?? 0) * TICK_MICROS;
    const { user, system } = used.get(stat.program) ?? { user: 0, system: 0 };
    used.set(stat.program, { user: user + micros(11) + micros(13), system: system + micros(12) + micros(14) });
  }
  return used;
}

/** The same of all of them together; microseconds. */
export function cpuMicros(pids: readonly number[]): number {
  return totalOf(cpuByProgram(pids));
}

export function totalOf(cpu: ReadonlyMap<string, CpuTime>): number {
  return [...cpu.values()].reduce((sum, { user, system }) => sum + user + system, 0);
}

/** Proportional share of memory of the processes and their descendants, octets. */
export function memoryOctets(pids: readonly number[]): number {
  let octets = 0;
  for (const pid of familyOf(pids)) {
    const kilo = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
    octets += 1024 * Number(kilo ?? 0);
  }
  return octets;
}

function familyOf(pids: readonly number[]): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(statOf(pid)?.fields[1] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const family = [...pids];
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  return family;
}

interface Stat {
  readonly program: string;
  /** Those after the program's name, state first: proc(5). */
  readonly fields: readonly string[];
}

/** Null when there is no such process. The program's name stands in parentheses and may hold any. */
function statOf(pid: number): Stat | null {
  const text = read(`/proc/${pid}/stat`);
  if (text === '') return null;
  const end = text.lastIndexOf(')');
  return { program: text.slice(text.indexOf('(') + 1, end).trim(), fields: text.slice(end + 2).split(' ') };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const kill = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await gone;
  clearTimeout(kill);
}
