/** A private clamd with one signature, EICAR's: nothing is downloaded. */

import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import type { Test } from 'tap';
import { until } from './until.js';

/** The test file that every scanner knows (eicar.org); in two pieces, so that no scanner minds this file. */
export const EICAR = ['X5O!P%@AP[4\\PZX54(P^)7CC)7}', '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'].join('');

export interface Clamd {
  readonly socket: string;
  stop(): Promise<void>;
}

export async function startClamd(t: Pick<Test, 'teardown'>): Promise<Clamd> {
  const folder = await mkdtemp('/tmp/sluice-clamd-');
  const socket = path.join(folder, 'clamd.sock');
  await writeFile(path.join(folder, 'eicar.ndb'), `Eicar-Signature:0:*:${Buffer.from(EICAR).toString('hex')}\n`);
  const config = [
    `DatabaseDirectory ${folder}`,
    `LocalSocket ${socket}`,
    `TemporaryDirectory ${folder}`,
    `LogFile ${folder}/clamd.log`,
    'Foreground yes',
    'StreamMaxLength 1M',
    'MaxThreads 2',
  ];
  await writeFile(path.join(folder, 'clamd.conf'), `${config.join('\n')}\n`);
  const program = spawn('/usr/sbin/clamd', ['--config-file', path.join(folder, 'clamd.conf')], { stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => program.once('exit', () => resolve()));
  const stop = async () => {
    program.kill('SIGKILL');
    await ended;
  };
  t.teardown(async () => {
    await stop();
    await rm(folder, { recursive: true, force: true });
  });
  await until('clamd listens', () => canConnect(socket));
  return { socket, stop };
}

function canConnect(path: string): Promise<true | null> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(null));
  });
}
