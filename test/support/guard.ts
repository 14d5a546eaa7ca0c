/** Ends what a test started when the test process itself is killed, and no teardown runs. */

import { spawn } from 'node:child_process';

/**
 * Runs a shell command as soon as this process has ended, however it ended; `$0`,
 * `$1` … are the arguments. The guard waits for the end of a pipe that only this
 * process holds open. Call what is returned when nothing is left to guard.
 */
export function whenThisProcessEnds(command: string, ...args: readonly string[]): () => void {
  const guard = spawn('sh', ['-c', `read -r _; ${command}`, ...args], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  guard.on('error', () => {});
  guard.stdin.on('error', () => {});
  guard.unref();
  return () => guard.kill('SIGKILL');
}
