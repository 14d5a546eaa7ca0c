import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import type { Config } from '../config/schema.js';

/**
 * Takes away the unix sockets that a killed process left behind: nobody could
 * listen there. One that somebody listens on stays, and so does what is no
 * socket. To be called before any worker is started: they share their sockets,
 * and would take away each other's.
 */
export async function removeStaleSockets({ listen, milter, policyd }: Config): Promise<void> {
  for (const { address } of [...listen, ...milter.listen, ...policyd.listen]) {
    if ('path' in address && (await isStale(address.path))) await unlink(address.path);
  }
}

async function isStale(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found?.isSocket() === true && !(await answers(path));
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
