import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startPostfix } from '../../test/support/postfix.js';
import { until } from '../../test/support/until.js';
import { pathOf, start, untilOpen } from '../process.js';
import type { RunningSubject, Subject, Surroundings } from '../subject.js';
import { openFolder, socketIn } from './unix-socket.js';

/** A limit that is counted and never reached. */
const UNREACHED = 1_000_000_000;

/** What stands before Postfix' own restrictions, and its processes. */
export interface PolicyService {
  /** Its unix socket. */
  readonly path: string;
  readonly pids: readonly number[];
  /** Asked at the end of each message, too. */
  readonly atTheEnd?: true;
}

export const postfixProxy = beforeQueue(
  'postfix-proxy',
  'Postfix before-queue proxy (smtpd_proxy_filter), no policy',
  null,
);

export const postfixPostfwd = beforeQueue(
  'postfix-postfwd',
  'the same with postfwd and one rate rule',
  async ({ cleanup, folder }) => {
    const path = socketIn(await openFolder(`${folder}/postfwd`));
    const rules = `${folder}/postfwd.cf`;
    await writeFile(rules, `id=RATE; action=rate(sender/${UNREACHED}/3600/450 4.7.1 rate limit)\n`);
    const pidFile = `${folder}/postfwd.pid`;
    const where = ['-f', rules, '-p', path, '--proto', 'unix', '--pidfile', pidFile];
    // It puts itself into the background; without `--cache 0` it would not count each recipient.
    const how = ['-u', 'nobody', '-g', 'nogroup', '--nodns', '--cache', '0'];
    await promisify(execFile)(pathOf('postfwd'), [...where, ...how], { timeout: 30_000 });
    const pid = await until('postfwd', async () => Number(await readFile(pidFile, 'utf8')) || null);
    cleanup.teardown(() => process.kill(pid, 'SIGTERM'));
    await untilOpen('postfwd', path, false);
    await chmod(path, 0o666);
    return { path, pids: [pid] };
  },
);

export const postfixPolicyd = beforeQueue(
  'postfix-policyd',
  'the same with policyd-rate-limit on SQLite',
  async ({ cleanup, folder }) => {
    const path = socketIn(await openFolder(`${folder}/policyd`));
    const config = `${folder}/policyd.yaml`;
    await writeFile(config, policydConfig(folder, path));
    const { pid } = start(cleanup, `${folder}/policyd.log`, ['policyd-rate-limit', '--file', config]);
    await untilOpen('policyd-rate-limit', path, false);
    return { path, pids: [pid] };
  },
);

/** Starts a Postfix whose accepted mail goes to the sink; gives the pid of its master. */
export async function startQueueingPostfix(
  { cleanup, sink }: Surroundings,
  mainCf: Readonly<Record<string, string>>,
  listener?: string,
): Promise<RunningSubject> {
  pathOf('postfix');
  const postfix = await startPostfix(cleanup, { next: sink, mainCf, ...(listener === undefined ? {} : { listener }) });
  const pid = Number(readFileSync(join(postfix.folder, 'queue', 'pid', 'master.pid'), 'utf8'));
  await untilOpen('postfix', postfix.port, true);
  return { port: postfix.port, pids: [pid] };
}

/** The same with a milter at that unix socket. */
export function startMilteredPostfix(around: Surroundings, path: string): Promise<RunningSubject> {
  return startQueueingPostfix(around, {
    smtpd_milters: `unix:${path}`,
    milter_default_action: 'tempfail',
    smtpd_recipient_limit: '1000',
  });
}

export function beforeQueue(
  name: string,
  what: string,
  startPolicy: ((around: Surroundings) => Promise<PolicyService>) | null,
): Subject {
  return {
    name,
    what,
    async start(around) {
      const policy = startPolicy === null ? null : await startPolicy(around);
      const restrictions = policy === null ? '' : `check_policy_service unix:${policy.path}, `;
      const listener = [
        '127.0.0.1:10026 inet n - n - - smtpd',
        `  -o smtpd_proxy_filter=127.0.0.1:${around.sink}`,
        '',
      ].join('\n');
      const atTheEnd = policy?.atTheEnd
        ? { smtpd_end_of_data_restrictions: `check_policy_service unix:${policy.path}` }
        : {};
      const running = await startQueueingPostfix(
        around,
        {
          smtpd_recipient_restrictions: `${restrictions}permit_mynetworks, reject`,
          smtpd_recipient_limit: '1000',
          ...atTheEnd,
        },
        listener,
      );
      return { port: running.port, pids: [...running.pids, ...(policy?.pids ?? [])] };
    },
  };
}

function policydConfig(folder: string, path: string): string {
  return [
    'debug: False',
    'user: "root"',
    'group: "root"',
    `pidfile: "${folder}/policyd.pid"`,
    `sqlite_config:\n  database: "${folder}/policyd.sqlite3"`,
    'backend: 0',
    `SOCKET: "${path}"`,
    'socket_permission: 0666',
    `limits:\n  - [${UNREACHED}, 3600]`,
    'limits_by_id: {}',
    'limit_by_sasl: False',
    'limit_by_sender: True',
    'limit_by_ip: False',
    'limited_networks: []',
    'success_action: "dunno"',
    'fail_action: "defer_if_permit Rate limit reach, retry later"',
    'db_error_action: "dunno"',
    'report: False',
    'report_only_if_needed: True',
    'report_from: null',
    'report_to: null',
    'report_subject: "report"',
    'report_limits: [86400]',
    'smtp_server: ["localhost", 25]',
    'smtp_starttls: False',
    'smtp_credentials: null',
    'delay_to_close: 300',
    '',
  ].join('\n');
}
