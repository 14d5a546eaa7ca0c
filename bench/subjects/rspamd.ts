import { writeFile } from 'node:fs/promises';
import { startRedis } from '../../test/support/redis.js';
import { start, untilOpen } from '../process.js';
import type { Subject } from '../subject.js';
import { startMilteredPostfix } from './postfix.js';
import { openFolder, socketIn } from './unix-socket.js';

const PLUGINS = '/usr/share/rspamd';

export const postfixRspamd: Subject = {
  name: 'postfix-rspamd',
  what: 'Postfix queue with rspamd as milter, nothing on but ratelimit on Redis; messages/s is acceptance into the queue',
  async start(around) {
    const { cleanup, folder } = around;
    const redis = await startRedis(cleanup, { unixSocket: true });
    if (redis.process.pid === undefined || redis.socketPath === null) throw new Error('Redis has no unix socket');
    const own = await openFolder(`${folder}/rspamd`);
    const path = socketIn(own);
    await writeFile(`${own}/rspamd.conf`, config(own, path, redis.socketPath));
    const { pid } = start(cleanup, `${folder}/rspamd.out`, ['rspamd', '-f', '-i', '-c', `${own}/rspamd.conf`]);
    await untilOpen('rspamd', path, false);
    const postfix = await startMilteredPostfix(around, path);
    return { port: postfix.port, pids: [...postfix.pids, pid, redis.process.pid] };
  },
};

function config(folder: string, path: string, redisPath: string): string {
  return `
options {
  pidfile = "${folder}/rspamd.pid";
  filters = "";
  tempdir = "${folder}";
  rrd = "";
  history_file = "${folder}/history";
  dns { nameserver = ["127.0.0.1:1:1"]; timeout = 1s; retransmits = 1; }
  url_tld = "${PLUGINS}/effective_tld_names.dat";
}
logging { type = "file"; filename = "${folder}/rspamd.log"; level = "error"; }
lua = "${PLUGINS}/rules/rspamd.lua";
modules { path = "${PLUGINS}/plugins/ratelimit.lua"; }
worker "rspamd_proxy" {
  bind_socket = "${path} mode=0666";
  milter = yes;
  count = 1;
  timeout = 60s;
  upstream "local" { default = yes; self_scan = yes; }
}
redis { servers = "${redisPath}"; }
ratelimit {
  rates {
    sender { selector = "from('smtp').lower"; bucket { burst = 1000000000; rate = "1000000000 / 1h"; } }
    recipients { selector = "rcpts:addr.lower"; bucket { burst = 1000000000; rate = "1000000000 / 1h"; } }
  }
}
actions { reject = 1000; add_header = 900; }
`;
}
