import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Address of whoever asks, `unix` for a local socket. Of X-Forwarded-For only
 * what our own proxies wrote is believed: the last address that is none of them.
 */
export function clientOf(request: IncomingMessage, isProxy: (address: string) => boolean): string {
  const peer = plain(request.socket.remoteAddress ?? 'unix');
  if (!isProxy(peer)) return peer;
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const believed = forwarded.map((one) => plain(one.trim())).reverse();
  const client = believed.find((address) => !isProxy(address));
  return client !== undefined && isIP(client) !== 0 ? client : peer;
}

/** IPv4 as it is written, also where a socket of both families has it. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '');
}
