/**
 * Tells systemd how the service is (sd_notify(3)): `READY=1`, `RELOADING=1`,
 * `STOPPING=1`, `STATUS=…`. The protocol is a datagram to a unix socket, which
 * Node cannot send; systemd's own `systemd-notify` can, and is wherever systemd
 * is. The unit needs `NotifyAccess=all`, since the sender is a child of ours.
 */

import { execFile } from 'node:child_process';

const TIMEOUT_MS = 5_000;

/**
 * Resolves with null when systemd was told, or when the environment has no
 * NOTIFY_SOCKET (not started by systemd: nobody to tell); with the error
 * otherwise. Never rejects: the service runs on, whatever systemd heard.
 */
export function notifySystemd(...assignments: `${string}=${string}`[]): Promise<Error | null> {
  const { NOTIFY_SOCKET } = process.env;
  if (NOTIFY_SOCKET === undefined || NOTIFY_SOCKET === '') return Promise.resolve(null);
  return new Promise((resolve) => {
    execFile('systemd-notify', assignments, { timeout: TIMEOUT_MS, env: process.env }, (error) => {
      resolve(error === null ? null : new Error(`systemd-notify ${assignments.join(' ')}: ${error.message}`));
    });
  });
}
