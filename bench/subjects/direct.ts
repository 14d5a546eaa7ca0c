import { freePort } from '../../test/support/free-port.js';
import { start, untilOpen } from '../process.js';
import type { Subject, Surroundings } from '../subject.js';

export const direct: Subject = {
  name: 'direct',
  what: 'nothing: the client speaks to the sink',
  start: async ({ sink }) => ({ port: sink, pids: [] }),
};

/** Postfix's smtp-sink: takes everything and forgets it. Gives its port. */
export async function startSink({ cleanup, folder }: Pick<Surroundings, 'cleanup' | 'folder'>): Promise<number> {
  const port = await freePort();
  start(cleanup, `${folder}/sink.log`, ['smtp-sink', '-u', 'nobody', `127.0.0.1:${port}`, '1024']);
  await untilOpen('smtp-sink', port, true);
  return port;
}
