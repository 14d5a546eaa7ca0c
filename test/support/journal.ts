/**
 * A journal of the test's own, written by systemd's journal receiver and read by
 * the real journalctl: journald itself names the unit of a line by the control
 * group of who wrote it, which only systemd sets up.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cleanup } from './redis.js';

const RECEIVER = '/lib/systemd/systemd-journal-remote';

export class TestJournal {
  #boot = newId();
  readonly #machine = newId();

  private constructor(
    private readonly receiver: ChildProcess,
    /** For a program whose `journalctl` is to read this journal. */
    readonly env: Readonly<Record<string, string>>,
  ) {}

  static async start(t: Cleanup): Promise<TestJournal> {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-journal-'));
    const [journal, bin] = [join(folder, 'journal'), join(folder, 'bin')];
    await mkdir(journal);
    await mkdir(bin);
    const script = `#!/bin/sh\nPATH=${process.env.PATH} exec journalctl --directory=${journal} "$@"\n`;
    await writeFile(join(bin, 'journalctl'), script);
    await chmod(join(bin, 'journalctl'), 0o755);
    const receiver = spawn(RECEIVER, ['-o', join(journal, 'remote.journal'), '-'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    t.teardown(async () => {
      const ended = receiver.exitCode !== null || receiver.signalCode !== null ? null : once(receiver, 'exit');
      receiver.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    });
    return new TestJournal(receiver, { PATH: `${bin}:${process.env.PATH}` });
  }

  /** What follows is of another boot of the machine. */
  reboot(): void {
    this.#boot = newId();
  }

  /** A line of a unit, as journald would have written it down. */
  write(unit: string, program: string, message: string): void {
    const micros = Date.now() * 1000;
    const fields = {
      __REALTIME_TIMESTAMP: micros,
      __MONOTONIC_TIMESTAMP: Math.round(performance.now() * 1000),
      _BOOT_ID: this.#boot,
      _MACHINE_ID: this.#machine,
      _HOSTNAME: 'mx',
      _SYSTEMD_UNIT: unit,
      _PID: 7,
      SYSLOG_IDENTIFIER: program,
      MESSAGE: message,
    };
    const lines = Object.entries(fields).map(([name, value]) => `${name}=${value}\n`);
    this.receiver.stdin?.write(`${lines.join('')}\n`);
  }
}

function newId(): string {
  return randomUUID().replaceAll('-', '');
}
