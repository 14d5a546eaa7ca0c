/**
 * A private Postfix for tests: its own folders and loopback ports, nothing of the
 * machine's /etc/postfix but the program's file list, and no way out: what it
 * accepts goes to one given port, or nowhere.
 */

import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { whenThisProcessEnds } from './guard.js';
import type { Cleanup } from './redis.js';

const run = promisify(execFile);
const COMMAND_WITHIN_MS = 60_000;
const LOG_WITHIN_MS = 60_000;
const POLL_EVERY_MS = 25;

export interface PostfixSettings {
  /** main.cf parameters beside (or instead of) the usual ones of this folder. */
  readonly mainCf?: Readonly<Record<string, string>>;
  /**
   * The listener, as master.cf lines for `127.0.0.1:10026`, whose port is replaced
   * by a free one: the very file that deploy/ has. Default: a plain smtpd.
   */
  readonly listener?: string;
  /** Where accepted mail goes: a port of 127.0.0.1. Default: thrown away. */
  readonly next?: number;
  /** More files of the config folder, by name: password maps. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Postfix {
  readonly port: number;
  /** The config folder, for `postconf -c` and the like. */
  readonly folder: string;
  log(): Promise<string>;
  /** Waits until the log matches; the match. */
  waitForLog(pattern: RegExp, withinMs?: number): Promise<RegExpExecArray>;
  /** What is in the queue, one JSON record a message. */
  queue(): Promise<readonly { readonly queue_id: string; readonly queue_name: string }[]>;
  /** Tries everything in the queue now. */
  flush(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
}

const PLAIN_LISTENER = '127.0.0.1:10026 inet n - n - - smtpd\n';
const LISTENER_PORT = '127.0.0.1:10026';

/** Starts one; it ends with the test. Needs root, as Postfix's master does. */
export async function startPostfix(t: Cleanup, settings: PostfixSettings = {}): Promise<Postfix> {
  if (process.getuid?.() !== 0) throw new Error('Postfix can be started by root only: run these tests as root');
  const folder = await mkdtemp(join(tmpdir(), 'sluice-postfix-'));
  // Daemons run as user postfix and must get through.
  await chmod(folder, 0o755);
  const port = await freePort();
  await writeConfig(folder, port, settings);
  const postfix = new PrivatePostfix(port, folder);
  t.teardown(async () => {
    await postfix.stop();
    await rm(folder, { recursive: true, force: true });
  });
  await postfix.start();
  return postfix;
}

class PrivatePostfix implements Postfix {
  #unguard: () => void = () => {};

  constructor(
    readonly port: number,
    readonly folder: string,
  ) {}

  async start(): Promise<void> {
    try {
      await run('postfix', ['-c', this.folder, 'start'], { timeout: COMMAND_WITHIN_MS });
    } catch (error) {
      throw new Error(`postfix did not start:\n${await this.log()}`, { cause: error });
    }
    // Postfix is a daemon: when the test process is killed, it must not outlive it.
    this.#unguard = whenThisProcessEnds('postfix -c "$0" stop; rm -rf "$0"', this.folder);
  }

  async stop(): Promise<void> {
    this.#unguard();
    // Refused when it does not run, which is what is wanted.
    await run('postfix', ['-c', this.folder, 'stop'], { timeout: COMMAND_WITHIN_MS }).catch(() => {});
  }

  log(): Promise<string> {
    return readFile(join(this.folder, 'log'), 'utf8').catch(() => '');
  }

  async waitForLog(pattern: RegExp, withinMs = LOG_WITHIN_MS): Promise<RegExpExecArray> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const log = await this.log();
      const found = pattern.exec(log);
      if (found !== null) return found;
      if (Date.now() > deadline)
        throw new Error(`no ${pattern} in Postfix's log within ${withinMs} ms:\n${log.slice(-4000)}`);
      await pauseFor(POLL_EVERY_MS);
    }
  }

  async queue(): Promise<readonly { readonly queue_id: string; readonly queue_name: string }[]> {
    const { stdout } = await run('postqueue', ['-c', this.folder, '-j'], { timeout: COMMAND_WITHIN_MS });
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line): { queue_id: string; queue_name: string } => JSON.parse(line));
  }

  async flush(): Promise<void> {
    await run('postqueue', ['-c', this.folder, '-f'], { timeout: COMMAND_WITHIN_MS });
  }
}

async function writeConfig(folder: string, port: number, settings: PostfixSettings): Promise<void> {
  const { stdout: owner } = await run('id', ['-u', 'postfix']);
  await mkdir(join(folder, 'queue'));
  await mkdir(join(folder, 'data'));
  await run('chown', [owner.trim(), join(folder, 'data')]);
  const listener = (settings.listener ?? PLAIN_LISTENER).replaceAll(LISTENER_PORT, `127.0.0.1:${port}`);
  await writeFile(join(folder, 'master.cf'), `${listener}${DAEMONS}`);
  const parameters = { ...usualParameters(folder, settings.next), ...settings.mainCf };
  const lines = Object.entries(parameters).map(([name, value]) => `${name} = ${value}\n`);
  await writeFile(join(folder, 'main.cf'), lines.join(''));
  for (const [name, text] of Object.entries(settings.files ?? {})) await writeFile(join(folder, name), text);
}

function usualParameters(folder: string, next: number | undefined): Record<string, string> {
  return {
    compatibility_level: '3.6',
    queue_directory: join(folder, 'queue'),
    data_directory: join(folder, 'data'),
    maillog_file: join(folder, 'log'),
    maillog_file_prefixes: folder,
    myhostname: 'postfix.example',
    mydestination: '',
    local_recipient_maps: '',
    alias_maps: '',
    alias_database: '',
    inet_interfaces: 'loopback-only',
    inet_protocols: 'ipv4',
    mynetworks: '127.0.0.0/8',
    message_size_limit: '104857600',
    mailbox_size_limit: '0',
    smtp_dns_support_level: 'disabled',
    smtp_tls_security_level: 'none',
    smtpd_tls_security_level: 'none',
    // No second of delay per message while the queue is being filled.
    in_flow_delay: '0',
    notify_classes: '',
    ...(next === undefined
      ? { default_transport: 'discard:', relay_transport: 'discard:' }
      : { relayhost: `[127.0.0.1]:${next}` }),
  };
}

/** Postfix's own daemons, none in a chroot: a fresh install has not filled one. */
const DAEMONS = `
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
smtp      unix  -       -       n       -       -       smtp
relay     unix  -       -       n       -       -       smtp
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
anvil     unix  -       -       n       -       1       anvil
scache    unix  -       -       n       -       1       scache
postlog   unix-dgram n  -       n       -       1       postlogd
`;
