import net from 'node:net';
import type { RelayReply } from '../smtp/reply.js';
import { authenticate } from './auth.js';
import { Channel, type Step } from './channel.js';
import { RelayFailure } from './contract.js';
import { type Ehlo, parseEhlo } from './ehlo.js';
import { type RelayCredentials, type RelayHost, type RelayLinkOptions, relayName } from './options.js';
import { secure } from './tls.js';

/** For all sockets, one after the other: by itself Node allocates 64 KiB for each reply, to keep some forty octets of it. */
const READ_INTO = Buffer.allocUnsafeSlow(64 * 1024);

/** A connection that has been greeted, secured and authenticated, ready for MAIL. */
export interface Link {
  readonly channel: Channel;
  readonly ehlo: Ehlo;
  readonly secured: boolean;
}

/** Connects to a relay and gets ready for MAIL. Rejects with RelayFailure('connect', …). */
export async function dial(host: RelayHost, options: RelayLinkOptions): Promise<Link> {
  const link = await dialWithoutAuth(host, options);
  try {
    if (options.auth !== null) await logIn(link, host, options, options.auth);
    return link;
  } catch (error) {
    link.channel.quit();
    throw error;
  }
}

/** As `dial`, but without AUTH. */
export async function dialWithoutAuth(host: RelayHost, options: RelayLinkOptions): Promise<Link> {
  try {
    return await connectAndGreet(host, options);
  } catch (error) {
    const tlsFailed = error instanceof RelayFailure && error.reason === 'tls';
    if (!tlsFailed || options.tls.mode !== 'opportunistic' || options.implicitTls) throw error;
    // RFC 7435: encryption where it can be had, mail in any case.
    return connectAndGreet(host, { ...options, tls: { mode: 'off' } });
  }
}

/** AUTH on a link; credentials never go in clear unless TLS was switched off by the operator. */
export async function logIn(
  link: Link,
  host: RelayHost,
  options: RelayLinkOptions,
  credentials: RelayCredentials,
): Promise<void> {
  const reply = await tryCredentials(link, host, options, credentials);
  if (reply.code === 235) return;
  throw new RelayFailure('connect', 'auth', `relay ${relayName(host)}: AUTH was refused: ${inWords(reply)}`);
}

/** The relay's answer to these credentials. */
export function tryCredentials(
  link: Link,
  host: RelayHost,
  options: RelayLinkOptions,
  credentials: RelayCredentials,
): Promise<RelayReply> {
  if (!link.secured && options.tls.mode !== 'off') {
    const message = `relay ${relayName(host)}: offers no TLS, and credentials are not sent in clear`;
    throw new RelayFailure('connect', 'auth', message);
  }
  return authenticate(link.channel, link.ehlo.auth, credentials, options.timeouts.greetingMs);
}

/** EHLO, and HELO where that is not known (RFC 5321 §3.2). */
export async function sayHello(channel: Channel, host: RelayHost, options: RelayLinkOptions): Promise<Ehlo> {
  const ehlo = await channel.send(`EHLO ${options.name}`, greetingStep('EHLO', options));
  if (ehlo.code === 250) return parseEhlo(ehlo);
  if (ehlo.code < 500) throw unreachable(host, `EHLO was answered ${inWords(ehlo)}`);
  const helo = await channel.send(`HELO ${options.name}`, greetingStep('HELO', options));
  if (helo.code !== 250) throw unreachable(host, `HELO was answered ${inWords(helo)}`);
  return parseEhlo({ code: 250, lines: helo.lines.slice(0, 1) });
}

async function connectAndGreet(host: RelayHost, options: RelayLinkOptions): Promise<Link> {
  const { connectMs } = options.timeouts;
  const socket = await connect(host, connectMs);
  const implicit = options.implicitTls;
  const transport = implicit ? await secure(socket, host, options.tls, connectMs) : socket;
  const channel = new Channel(transport, relayName(host));
  try {
    const greeting = await channel.expect(greetingStep('connecting', options));
    if (greeting.code !== 220) throw unreachable(host, `greeted us with ${inWords(greeting)}`);
    const ehlo = await sayHello(channel, host, options);
    if (implicit || options.tls.mode === 'off') return { channel, ehlo, secured: implicit };
    return await upgrade({ channel, ehlo, secured: false }, host, options);
  } catch (error) {
    channel.quit();
    throw error;
  }
}

/** STARTTLS (RFC 3207). What the relay offered before it is forgotten. */
async function upgrade(link: Link, host: RelayHost, options: RelayLinkOptions): Promise<Link> {
  const reply = link.ehlo.startTls ? await link.channel.send('STARTTLS', greetingStep('STARTTLS', options)) : null;
  if (reply === null || reply.code !== 220) {
    if (options.tls.mode === 'opportunistic' && link.channel.open) return link;
    const why = reply === null ? 'offers no STARTTLS' : `refused STARTTLS: ${inWords(reply)}`;
    throw new RelayFailure('connect', 'tls', `relay ${relayName(host)}: ${why}`);
  }
  // Whoever is in between could have put a reply behind the 220, to be taken for
  // the first one under TLS (CVE-2011-0411 and its kin).
  if (!link.channel.detach()) {
    throw new RelayFailure('connect', 'protocol', `relay ${relayName(host)}: plain text after STARTTLS`);
  }
  const secured = await secure(link.channel.socket, host, options.tls, options.timeouts.connectMs);
  const channel = new Channel(secured, relayName(host));
  return { channel, ehlo: await sayHello(channel, host, options), secured: true };
}

/**
 * A connected socket whose `data` are octets in `READ_INTO`, good until the
 * listener returns.
 */
function connect(host: RelayHost, timeoutMs: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const callback = (octets: number) => {
      socket.emit('data', READ_INTO.subarray(0, octets));
      return true;
    };
    const socket = net.connect({ ...host, noDelay: true, keepAlive: true, onread: { buffer: READ_INTO, callback } });
    const fail = (message: string, cause?: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      reject(unreachable(host, message, cause));
    };
    const timer = setTimeout(() => fail(`no connection within ${timeoutMs / 1000} s`), timeoutMs);
    socket.on('error', (error) => fail(reasonOf(error), error));
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(socket);
    });
  });
}

function greetingStep(name: string, options: RelayLinkOptions): Step {
  return { name, stage: 'connect', timeoutMs: options.timeouts.greetingMs };
}

function unreachable(host: RelayHost, message: string, cause?: unknown): RelayFailure {
  return new RelayFailure('connect', 'unreachable', `relay ${relayName(host)}: ${message}`, { cause });
}

/** Several addresses tried in vain make an AggregateError, whose own message is empty. */
function reasonOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  return error.errors.map((each) => (each instanceof Error ? each.message : String(each))).join('; ');
}

function inWords(reply: RelayReply): string {
  return `${reply.code} ${reply.lines.join(' / ')}`;
}
