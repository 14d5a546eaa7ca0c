import { writeFile } from 'node:fs/promises';
import { freePort } from '../../test/support/free-port.js';
import { start, untilOpen } from '../process.js';
import type { Subject } from '../subject.js';

export const haproxy: Subject = {
  name: 'haproxy',
  what: 'haproxy in TCP mode: copies bytes, knows no SMTP',
  async start({ cleanup, folder, sink }) {
    const port = await freePort();
    const config = `${folder}/haproxy.cfg`;
    await writeFile(
      config,
      [
        'global',
        '  nbthread 1',
        '  maxconn 2000',
        'defaults',
        '  mode tcp',
        '  timeout connect 5s',
        '  timeout client 60s',
        '  timeout server 60s',
        'listen smtp',
        `  bind 127.0.0.1:${port}`,
        `  server sink 127.0.0.1:${sink}`,
        '',
      ].join('\n'),
    );
    const { pid } = start(cleanup, `${folder}/haproxy.log`, ['haproxy', '-f', config]);
    await untilOpen('haproxy', port, true);
    return { port, pids: [pid] };
  },
};
