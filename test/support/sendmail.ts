/**
 * A private Sendmail for tests, unpacked by scripts/test-prerequisites and never
 * installed: its own folder, loopback ports, passwords and queue, and no way out
 * but one given port. What it would log is lost: it knows nothing but syslog.
 */

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';
import { whenThisProcessEnds } from './guard.js';
import type { Cleanup } from './redis.js';
import { until } from './until.js';

const UNPACKED = '/var/cache/sluice-tests/sendmail';
const PROGRAM = join(UNPACKED, 'usr/libexec/sendmail/sendmail');
const CF = join(UNPACKED, 'usr/share/sendmail/cf');
/** Where the host has no full name, and may not be given one for this program, Sendmail waits a minute for one to come. */
const LISTENS_WITHIN_MS = 180_000;
const NAME = 'sendmail.example';

export interface SendmailSettings {
  /** Lines for sendmail.mc before its daemons: filters. */
  readonly mc: string;
  /** For each daemon by its name, what its DAEMON_OPTIONS have beside name, address and port. */
  readonly daemons: Readonly<Record<string, string>>;
  /** Where accepted mail goes: a port of 127.0.0.1. */
  readonly next: number;
  /** Whoever names this user may have any password. */
  readonly user: string;
}

export interface Sendmail {
  /** Of the daemon of that name. */
  port(daemon: string): number;
  /** Queue ids of messages that are kept for a person to look at. */
  quarantined(): Promise<readonly string[]>;
}

/** Starts one; it ends with the test. Needs root, to have its files believed. */
export async function startSendmail(t: Cleanup, settings: SendmailSettings): Promise<Sendmail> {
  if (!existsSync(PROGRAM)) throw new Error(`no Sendmail in ${UNPACKED}: scripts/test-prerequisites unpacks one`);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-sendmail-'));
  // Its processes change their user in between.
  await chmod(folder, 0o755);
  const sendmail = new PrivateSendmail(folder);
  t.teardown(async () => {
    await sendmail.stop();
    await rm(folder, { recursive: true, force: true });
  });
  await sendmail.start(t, settings);
  return sendmail;
}

class PrivateSendmail implements Sendmail {
  readonly #ports = new Map<string, number>();
  #process: ChildProcess | null = null;
  #said = '';
  #unguard: () => void = () => {};

  constructor(private readonly folder: string) {}

  async start(t: Cleanup, settings: SendmailSettings): Promise<void> {
    for (const name of Object.keys(settings.daemons)) this.#ports.set(name, await freePort());
    await this.#configure(settings);
    await acceptPasswordsOf(t, settings.user, join(this.folder, 'passwords'));
    const [command = '', ...args] = [...named(), PROGRAM, '-C', join(this.folder, 'sendmail.cf'), '-bD'];
    // A process group of its own: each session and delivery is a process.
    const child = spawn(command, args, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (said) => {
        this.#said += said;
      });
    }
    this.#unguard = whenThisProcessEnds('kill -KILL -"$0"; rm -rf "$1"', `${child.pid}`, this.folder);
    const ended = once(child, 'exit').then(() => {
      throw new Error(`Sendmail did not start:\n${this.#said}`);
    });
    // Where it ends later, as it is stopped, nobody waits for this.
    ended.catch(() => {});
    for (const port of this.#ports.values()) {
      await Promise.race([ended, until('Sendmail listens', () => listens(port), LISTENS_WITHIN_MS)]);
    }
  }

  port(daemon: string): number {
    const port = this.#ports.get(daemon);
    if (port === undefined) throw new Error(`no daemon ${daemon}`);
    return port;
  }

  async quarantined(): Promise<readonly string[]> {
    const files = await readdir(join(this.folder, 'queue'));
    return files.filter((name) => name.startsWith('hf')).map((name) => name.slice(2));
  }

  async stop(): Promise<void> {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
    this.#unguard();
  }

  async #configure({ mc, daemons, next }: SendmailSettings): Promise<void> {
    const { folder } = this;
    await mkdir(join(folder, 'queue'), { mode: 0o700 });
    await mkdir(join(folder, 'sasl'));
    const saslauthd = `pwcheck_method: saslauthd\nsaslauthd_path: ${folder}/passwords\nmech_list: PLAIN\n`;
    await writeFile(join(folder, 'sasl', 'Sendmail.conf'), saslauthd);
    for (const name of ['aliases', 'local-host-names', 'statistics']) await writeFile(join(folder, name), '');
    await writeFile(join(folder, 'service.switch'), 'hosts files\n');
    await writeFile(join(folder, 'hosts'), `127.0.0.1 localhost ${NAME}\n`);
    const listeners = Object.entries(daemons).map(
      ([name, more]) =>
        `DAEMON_OPTIONS(\`Name=${name}, Addr=127.0.0.1, Port=${this.port(name)}${more === '' ? '' : `, ${more}`}')dnl\n`,
    );
    await writeFile(join(folder, 'sendmail.mc'), `${usual(folder, next)}${mc}${listeners.join('')}${last(folder)}`);
    const m4 = ['-D', `_CF_DIR_=${CF}/`, join(CF, 'm4/cf.m4'), join(folder, 'sendmail.mc')];
    const { stdout } = await promisify(execFile)('m4', m4, { maxBuffer: 1024 * 1024 });
    await writeFile(join(folder, 'sendmail.cf'), stdout);
  }
}

async function listens(port: number): Promise<true | null> {
  const socket = connect(port, '127.0.0.1');
  const connected = await new Promise<boolean>((done) => {
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
  socket.destroy();
  return connected ? true : null;
}

/** Runs what follows as if the host had a full name, where that is allowed. */
function named(): readonly string[] {
  try {
    execFileSync('unshare', ['--uts', 'true'], { stdio: 'ignore' });
    return ['unshare', '--uts', 'sh', '-c', `hostname ${NAME} && exec "$@"`, 'sh'];
  } catch {
    return [];
  }
}

/** Answers Sendmail's library for passwords as `saslauthd` does: user, password, service, realm, each with its length. */
async function acceptPasswordsOf(t: Cleanup, user: string, path: string): Promise<void> {
  const server = createServer((socket) => {
    let asked = Buffer.alloc(0);
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => {
      asked = Buffer.concat([asked, chunk]);
      const fields = counted(asked);
      if (fields.length < 4) return;
      const answer = fields[0] === user ? 'OK' : 'NO';
      socket.end(Buffer.concat([Buffer.from([0, answer.length]), Buffer.from(answer)]));
    });
  });
  await new Promise<void>((done) => server.listen(path, done));
  t.teardown(() => server.close());
}

function counted(octets: Buffer): string[] {
  const fields: string[] = [];
  for (let at = 0; at + 2 <= octets.length; ) {
    const end = at + 2 + octets.readUInt16BE(at);
    if (end > octets.length) break;
    fields.push(octets.toString('utf8', at + 2, end));
    at = end;
  }
  return fields;
}

/** Asks no DNS, and believes files in a folder of everybody's. */
function usual(folder: string, next: number): string {
  const settings: Readonly<Record<string, string>> = {
    MAIL_SETTINGS_DIR: `${folder}/`,
    QUEUE_DIR: `${folder}/queue`,
    ALIAS_FILE: `${folder}/aliases`,
    STATUS_FILE: `${folder}/statistics`,
    confPID_FILE: `${folder}/pid`,
    confSERVICE_SWITCH_FILE: `${folder}/service.switch`,
    confHOSTS_FILE: `${folder}/hosts`,
    confDOMAIN_NAME: NAME,
    confDONT_PROBE_INTERFACES: 'True',
    confDONT_BLAME_SENDMAIL: 'TrustStickyBit',
    confTO_IDENT: '0',
    // A machine may be so busy with other tests that it would take no mail.
    confQUEUE_LA: '1000',
    confREFUSE_LA: '1000',
    confDELAY_LA: '1000',
    confAUTH_MECHANISMS: 'PLAIN',
    SMART_HOST: 'relay:[127.0.0.1]',
    RELAY_MAILER_ARGS: `TCP $h ${next}`,
  };
  const features = ['accept_unresolvable_domains', 'nocanonify', 'no_default_msa', 'promiscuous_relay'];
  return [
    "define(`_USE_ETC_MAIL_')dnl",
    "OSTYPE(`linux')dnl",
    ...Object.entries(settings).map(([name, value]) => `define(\`${name}', \`${value}')dnl`),
    ...features.map((name) => `FEATURE(\`${name}')dnl`),
    '',
  ].join('\n');
}

function last(folder: string): string {
  return `TRUST_AUTH_MECH(\`PLAIN')dnl\nMAILER(\`smtp')dnl\nLOCAL_CONFIG\nESASL_CONF_PATH=${folder}/sasl\n`;
}
