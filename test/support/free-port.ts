/**
 * Ports of 127.0.0.1 for programs that must be told theirs, or that must come back
 * on the one that they had.
 */

import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what Linux gives to clients and to whoever listens on port 0 (32768 and up,
 * net.ipv4.ip_local_port_range). A port from there can be taken by any connection of
 * a test that runs side by side before the program that it is for listens on it, or
 * while that program restarts.
 */
const FIRST = 10_000;
const COUNT = 22_016;

/** Processes that run side by side have other numbers, and so each begins with as many of its own. */
const APART = 64;

let next = process.pid * APART;

/** A port that nothing listens on and that this process was not given before. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < COUNT; tried++) {
    const port = FIRST + (next++ % COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${FIRST} to ${FIRST + COUNT - 1} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
