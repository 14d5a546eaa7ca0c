/** Large messages pass through without being held: a slow relay slows the client down, and memory stays small. */

import { readFile, writeFile } from 'node:fs/promises';
import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import type { SmtpClient, SmtpClientReply } from '../../support/smtp-client.js';
import { until } from '../../support/until.js';

const MIB = 1024 * 1024;
const SESSIONS = 50;
const LARGE = 5 * MIB;
const GROWTH_ALLOWED_MIB = 45;
const LINE = `${'0123456789abcdef'.repeat(4)}\r\n`;
const to = ['b@example.net'];

const sink = await startRelaySink(t, { keep: false });
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    smtp: { received: false },
    rules: { 'volume.connections': { mode: 'off' }, 'flood.recipient': { mode: 'off' } },
    shutdownTimeout: '1s',
  },
});

async function memory(field: 'VmRSS' | 'VmHWM'): Promise<number> {
  const status = await readFile(`/proc/${sluice.process.pid}/status`, 'utf8');
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status);
  if (found === null) throw new Error(`no ${field} in\n${status}`);
  return Number(found[1]) / 1024;
}

/** The peak is counted anew from here on. */
const forgetPeak = () => writeFile(`/proc/${sluice.process.pid}/clear_refs`, '5');

/** A session that has heard 354. */
async function inData(): Promise<SmtpClient> {
  const client = await openSession(sluice.port());
  for (const line of ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA']) {
    const { code, text } = await client.command(line);
    if (code >= 400) throw new Error(`${line} was answered ${code} ${text}`);
  }
  return client;
}

/** As a real client: no more in memory than the socket takes. `sent` counts what was handed to it. */
async function pour(client: SmtpClient, octets: number, sent: { octets: number }): Promise<SmtpClientReply> {
  const chunk = Buffer.from(LINE.repeat(900));
  while (sent.octets < octets) {
    client.write(chunk);
    sent.octets += chunk.length;
    if (client.socket.writableNeedDrain) await new Promise((resolve) => client.socket.once('drain', resolve));
  }
  return client.command('.');
}

/** The relay takes the envelope and says 354, then reads nothing more. */
function relayThatPausesInData(): { resume(): void; pausedSessions(): number } {
  const paused = new Set<number>();
  sink.script = {
    keep: false,
    steps: {
      DATA: ({ sessionId }) => {
        paused.add(sessionId);
        sink.sessions[sessionId - 1]?.pause();
        return undefined;
      },
    },
  };
  return {
    pausedSessions: () => paused.size,
    resume() {
      sink.script = { keep: false };
      for (const id of paused) sink.sessions[id - 1]?.resume();
    },
  };
}

/** Resolves when the numbers have stood still for a while: everything that can be buffered is. */
async function standsStill(look: () => number): Promise<number> {
  let last = look();
  for (let still = 0; still < 10; ) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const now = look();
    still = now === last ? still + 1 : 0;
    last = now;
  }
  return last;
}

t.test('a relay that reads nothing stops the client', async (t) => {
  const relay = relayThatPausesInData();
  const client = await inData();
  const sent = { octets: 0 };
  const ended = pour(client, 30 * MIB, sent);
  await until('it streams: the relay has heard DATA', async () => (relay.pausedSessions() === 1 ? true : null));
  const taken = await standsStill(() => sent.octets);
  // The window, and what sockets on four ends and two kernels hold.
  t.ok(taken < 20 * MIB, `${(taken / MIB).toFixed(1)} MiB of 30 were taken, then the client had to wait`);
  relay.resume();
  t.match(await ended, { code: 250 });
  t.equal((await sink.nextMessage()).size, sent.octets, 'all of it arrived');
  await client.close();
});

t.test(
  `${SESSIONS} sessions of ${LARGE / MIB} MiB at once do not grow the process by ${GROWTH_ALLOWED_MIB} MiB`,
  async (t) => {
    const warm = await Promise.all(Array.from({ length: SESSIONS }, () => openSession(sluice.port())));
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(warm.map((client) => sendMail(client, { to })));
    }
    await Promise.all(warm.map((client) => client.close()));
    const before = await memory('VmRSS');
    await forgetPeak();

    const relay = relayThatPausesInData();
    const clients = await Promise.all(Array.from({ length: SESSIONS }, inData));
    const progress = clients.map(() => ({ octets: 0 }));
    const messages = sink.messages.length;
    const ended = clients.map((client, index) => pour(client, LARGE, progress[index] ?? { octets: 0 }));
    await until('all are in flight, and the relay reads none', async () =>
      relay.pausedSessions() === SESSIONS ? true : null,
    );
    await standsStill(() => progress.reduce((sum, { octets }) => sum + octets, 0));
    const inFlight = (await memory('VmRSS')) - before;
    relay.resume();
    const replies = await Promise.all(ended);
    t.ok(
      replies.every(({ code }) => code === 250),
      'all were accepted',
    );
    t.equal(sink.messages.length - messages, SESSIONS);
    t.ok(sink.messages.slice(messages).every(({ size }, index) => size === progress[index]?.octets));
    const peak = (await memory('VmHWM')) - before;
    t.comment(`before ${before.toFixed(0)} MiB, in flight +${inFlight.toFixed(1)}, peak +${peak.toFixed(1)}`);
    t.ok(peak <= GROWTH_ALLOWED_MIB, `grew by ${peak.toFixed(1)} MiB at most`);
    await Promise.all(clients.map((client) => client.close()));
  },
);
