/** Many clients at once, each with a session of its own. */

import { openSession } from './mail.js';
import type { SmtpClient } from './smtp-client.js';

/**
 * Opens a session for each place at the ports in turn, runs them all side by
 * side, and closes them. The results are in order.
 */
export function crowd<T>(
  ports: readonly number[],
  count: number,
  each: (client: SmtpClient, number: number) => Promise<T>,
): Promise<T[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const client = await openSession(ports[number % ports.length] as number);
      try {
        return await each(client, number);
      } finally {
        client.destroy();
      }
    }),
  );
}
