import type { ListenOptions } from 'node:net';
import type { ListenAddress } from './contract.js';

/**
 * Where to listen, with a queue for as many clients as may have sessions: the
 * kernel keeps those that came while this process was at something else. Node's
 * queue of 511 was too short for a burst: with SYN cookies a client beyond it
 * believes that it is connected, and waits for a greeting that never comes
 * (2,538 of 5,000). Linux cuts the queue to `net.core.somaxconn`.
 */
export function listenOptions(address: ListenAddress, mostSessions: number): ListenOptions {
  return { ...address, backlog: mostSessions };
}
