import type { RelayReply } from '../smtp/reply.js';
import type { Channel } from './channel.js';
import { RelayFailure } from './contract.js';
import type { RelayCredentials } from './options.js';

/**
 * AUTH at the relay (RFC 4954), PLAIN (RFC 4616) before LOGIN. Resolves with the
 * relay's last reply, whatever it is.
 *
 * @param mechanisms what its EHLO offered
 */
export async function authenticate(
  channel: Channel,
  mechanisms: readonly string[],
  credentials: RelayCredentials,
  timeoutMs: number,
): Promise<RelayReply> {
  return withoutSecrets(await converse(channel, mechanisms, credentials, timeoutMs), credentials);
}

async function converse(
  channel: Channel,
  mechanisms: readonly string[],
  { username, password }: RelayCredentials,
  timeoutMs: number,
): Promise<RelayReply> {
  const step = { name: 'AUTH', stage: 'connect', timeoutMs, success: '2yz or 3yz' } as const;
  if (mechanisms.includes('PLAIN')) {
    const response = base64(`\0${username}\0${password}`);
    const reply = await channel.send(`AUTH PLAIN ${response}`, step);
    // RFC 4954 §4: a server may ask again for what came with the command.
    return reply.code === 334 ? channel.send(response, step) : reply;
  }
  if (mechanisms.includes('LOGIN')) {
    let reply = await channel.send('AUTH LOGIN', step);
    for (const answer of [username, password]) {
      if (reply.code !== 334) return reply;
      reply = await channel.send(base64(answer), step);
    }
    return reply;
  }
  const offered = mechanisms.length === 0 ? 'none' : mechanisms.join(' ');
  throw new RelayFailure('connect', 'auth', `the relay offers neither AUTH PLAIN nor LOGIN (offered: ${offered})`);
}

/** A relay may quote what it did not understand, and its words go to the log. */
function withoutSecrets(reply: RelayReply, { username, password }: RelayCredentials): RelayReply {
  const secrets = [base64(`\0${username}\0${password}`), base64(password), password].filter((one) => one !== '');
  const hide = (line: string) => secrets.reduce((text, secret) => text.replaceAll(secret, '********'), line);
  return { ...reply, lines: reply.lines.map(hide) };
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}
