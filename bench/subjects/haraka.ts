import { execFile } from 'node:child_process';
import { access, cp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../../test/support/free-port.js';
import { startRedis } from '../../test/support/redis.js';
import { start, untilOpen } from '../process.js';
import { NotHere, type Subject, type Surroundings } from '../subject.js';

/** Where it is, or is put: npm's own cache makes a second time quick. */
const HOME = process.env.HARAKA_HOME ?? join(tmpdir(), 'sluice-bench-haraka');
const INSTALL_WITHIN_MS = 180_000;
const UNREACHED = '1000000000/1h';

export const haraka = withPlugins('haraka', 'Haraka, forwarding to the sink before it answers', async () => null);

export const harakaLimit = withPlugins(
  'haraka-limit',
  'the same with its limit plugin on Redis',
  async ({ cleanup }, config) => {
    const redis = await startRedis(cleanup);
    const ini = ['rate_rcpt_sender', 'rate_rcpt', 'rate_rcpt_host', 'rate_conn']
      .map((section) => `[${section}]\nenabled=true\n127=${UNREACHED}\ndefault=${UNREACHED}\n`)
      .join('');
    await writeFile(`${config}/limit.ini`, `[redis]\nhost=127.0.0.1\nport=${redis.port}\n${ini}`);
    await writeFile(`${config}/redis.ini`, `[server]\nhost=127.0.0.1\nport=${redis.port}\n`);
    return redis.process.pid ?? null;
  },
);

function withPlugins(
  name: string,
  what: string,
  prepare: (around: Surroundings, config: string) => Promise<number | null>,
): Subject {
  return {
    name,
    what,
    async start(around) {
      const program = await installed();
      const own = `${around.folder}/${name}`;
      const config = `${own}/config`;
      await cp(join(dirname(dirname(program)), 'config'), config, { recursive: true });
      const redis = await prepare(around, config);
      const port = await freePort();
      const plugins = ['relay', ...(redis === null ? [] : ['redis', 'limit']), 'queue/smtp_forward'];
      const files = {
        plugins: `${plugins.join('\n')}\n`,
        'smtp.ini': `listen=127.0.0.1:${port}\nnodes=0\n`,
        'relay.ini': '[relay]\nacl=true\n',
        relay_acl_allow: '127.0.0.0/8\n',
        'smtp_forward.ini': `host=127.0.0.1\nport=${around.sink}\nenable_outbound=true\n`,
        'log.ini': '[main]\nlevel=ERROR\n',
        loglevel: 'ERROR\n',
        host_list: '',
        me: 'haraka.example\n',
        databytes: '104857600\n',
      };
      for (const [file, text] of Object.entries(files)) await writeFile(`${config}/${file}`, text);
      const { pid } = start(around.cleanup, `${own}/log`, [process.execPath, program, '-c', own]);
      await untilOpen(name, port, true);
      return { port, pids: redis === null ? [pid] : [pid, redis] };
    },
  };
}

async function installed(): Promise<string> {
  const program = join(HOME, 'node_modules', 'Haraka', 'bin', 'haraka');
  try {
    await access(program);
  } catch {
    await mkdir(HOME, { recursive: true });
    await writeFile(join(HOME, 'package.json'), '{"private":true}\n');
    const args = ['install', '--no-audit', '--no-fund', 'Haraka', 'haraka-plugin-limit', 'haraka-plugin-redis'];
    await promisify(execFile)('npm', args, { cwd: HOME, timeout: INSTALL_WITHIN_MS }).catch((error: unknown) => {
      throw new NotHere(`npm cannot install Haraka: ${error instanceof Error ? error.message.split('\n')[0] : ''}`);
    });
  }
  return program;
}
