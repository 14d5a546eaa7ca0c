/** What is asked of each subject, and how one round of it is measured. */

import { setTimeout as pause } from 'node:timers/promises';
import { type Load, openAll, sendPipelined, sendWithSource, timeEach } from './clients.js';
import { MESSAGES } from './messages.js';
import { type CpuTime, cpuByProgram, cpuMicros, memoryOctets, totalOf } from './process.js';
import type { RunningSubject } from './subject.js';

/** One round of one subject in one cell. Which figures there are depends on the cell. */
export interface Measurement {
  readonly perSecond?: number;
  readonly cpuMicros?: number;
  /** The same, by the program that took it. */
  readonly cpu?: ReadonlyMap<string, CpuTime>;
  readonly p50?: number;
  readonly p99?: number;
  readonly megabytes?: number;
}

export interface Cell {
  readonly name: string;
  readonly what: string;
  /** `rate`: messages per second that the subject was seen to take, for a round of about the given length. */
  measure(subject: RunningSubject, rate: number, seconds: number): Promise<Measurement>;
  /** Memory and the like need not be measured so often. */
  readonly mostRounds?: number;
}

const KB = 1_000;
const NEWSLETTER = MESSAGES['text and HTML, 60 kB'];
const SESSIONS = 20;
const FEWEST = 40;
const QUIET_MS = 150;
const QUIET_MICROS = 30_000;
const SETTLED_WITHIN_MS = 60_000;
const SAMPLE_MS = 25;

export const CELLS: readonly Cell[] = [
  throughput('1k-kept', '1 kB, sessions kept open', { octets: KB, recipients: 1 }, (port, load) =>
    sendWithSource(port, load, true),
  ),
  throughput('1k-each', '1 kB, one message a connection', { octets: KB, recipients: 1 }, (port, load) =>
    sendWithSource(port, load, false),
  ),
  throughput('100k-kept', '100 kB, sessions kept open', { octets: 100 * KB, recipients: 1 }, (port, load) =>
    sendWithSource(port, load, true),
  ),
  throughput('10-rcpt', '1 kB, 10 recipients, one command at a time', { octets: KB, recipients: 10 }, (port, load) =>
    sendWithSource(port, load, true),
  ),
  throughput('50-rcpt', '1 kB, 50 recipients, one command at a time', { octets: KB, recipients: 50 }, (port, load) =>
    sendWithSource(port, load, true),
  ),
  throughput('10-piped', '1 kB, 10 recipients, pipelined', { octets: KB, recipients: 10 }, sendPipelined),
  throughput('50-piped', '1 kB, 50 recipients, pipelined', { octets: KB, recipients: 50 }, sendPipelined),
  throughput(
    'newsletter',
    'text and HTML, 60 kB, one campaign, pipelined',
    { octets: NEWSLETTER.length, recipients: 1, message: NEWSLETTER },
    sendPipelined,
  ),
  {
    name: 'latency',
    what: '1 kB, 4 sessions kept open, 100 messages/s: ms from MAIL to the last reply',
    async measure({ port }, _rate, seconds) {
      const messages = Math.max(100, Math.round(150 * seconds));
      const clients = await openAll(port, 4);
      const times = [...(await timeEach(clients, { messages, octets: KB, recipients: 1 }, 100))];
      for (const client of clients) client.close();
      times.sort((one, other) => one - other);
      const at = (share: number) => times[Math.min(times.length - 1, Math.floor(share * times.length))] ?? 0;
      return { p50: at(0.5), p99: at(0.99) };
    },
  },
  {
    name: 'memory',
    what: '50 sessions with 5 MB each at once: growth of the subject in MB',
    mostRounds: 3,
    async measure({ port, pids }) {
      const before = memoryOctets(pids);
      let most = before;
      const watch = setInterval(() => {
        most = Math.max(most, memoryOctets(pids));
      }, SAMPLE_MS);
      await sendPipelined(port, { messages: 50, sessions: 50, octets: 5_000 * KB, recipients: 1 });
      clearInterval(watch);
      return { megabytes: (most - before) / 1e6 };
    },
  },
];

function throughput(
  name: string,
  what: string,
  message: Pick<Load, 'octets' | 'recipients' | 'message'>,
  send: (port: number, load: Load) => Promise<number>,
): Cell {
  return {
    name,
    what,
    async measure({ port, pids }, rate, seconds) {
      const messages = Math.max(FEWEST, Math.round(rate * seconds));
      await settled(pids);
      const before = cpuByProgram(pids);
      const took = await send(port, { messages, sessions: Math.min(SESSIONS, messages), ...message });
      // Decisions, queues: what a message costs after its reply is its cost too.
      await settled(pids);
      const cpu = cpuSince(before, cpuByProgram(pids), messages);
      return { perSecond: messages / took, cpuMicros: totalOf(cpu), cpu };
    },
  };
}

/** What each program has used of it since then, for each message. */
function cpuSince(
  before: ReadonlyMap<string, CpuTime>,
  after: ReadonlyMap<string, CpuTime>,
  messages: number,
): ReadonlyMap<string, CpuTime> {
  const none: CpuTime = { user: 0, system: 0 };
  // Also of those that are gone: what they used is counted to another now.
  const programs = [...new Set([...before.keys(), ...after.keys()])];
  return new Map(
    programs.map((program) => {
      const [then, now] = [before.get(program) ?? none, after.get(program) ?? none];
      return [program, { user: (now.user - then.user) / messages, system: (now.system - then.system) / messages }];
    }),
  );
}

/** Until the subject's processes do next to nothing. */
export async function settled(pids: readonly number[]): Promise<void> {
  if (pids.length === 0) return;
  const deadline = performance.now() + SETTLED_WITHIN_MS;
  for (let last = cpuMicros(pids); ; ) {
    await pause(QUIET_MS);
    const now = cpuMicros(pids);
    if (now - last < QUIET_MICROS) return;
    if (performance.now() > deadline) throw new Error('the subject does not come to rest');
    last = now;
  }
}
