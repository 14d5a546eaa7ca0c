/**
 * How a relay that trusts us is told who the client is: Postfix's XCLIENT, by
 * which it treats our session as the client's, and XFORWARD, by which it only
 * logs it.
 */

import { isIPv6 } from 'node:net';
import { encodeXtext } from '../smtp/xtext.js';
import type { ClientIdentity } from './contract.js';

/** Postfix's word for what we do not know. */
const UNAVAILABLE = '[UNAVAILABLE]';
/** RFC 5321 §4.5.3.1.2, and Postfix's bound for an attribute. */
const MAX_VALUE = 255;

/** Null when the relay takes none of the attributes. */
export function xclientCommand(client: ClientIdentity, offered: readonly string[]): string | null {
  return command('XCLIENT', offered, [
    ['NAME', client.name],
    ['ADDR', addressOf(client)],
    ['PORT', portOf(client)],
    ['PROTO', client.protocol],
    ['HELO', client.helo],
    ['LOGIN', client.login],
  ]);
}

/** Null when the relay takes none of the attributes. */
export function xforwardCommand(client: ClientIdentity, offered: readonly string[]): string | null {
  return command('XFORWARD', offered, [
    ['NAME', client.name],
    ['ADDR', addressOf(client)],
    ['PORT', portOf(client)],
    ['PROTO', client.protocol],
    ['HELO', client.helo],
    ['IDENT', client.ident],
  ]);
}

function command(verb: string, offered: readonly string[], attributes: readonly [string, string | null][]) {
  const words = attributes
    .filter(([name]) => offered.includes(name))
    .map(([name, value]) => `${name}=${encodedValue(value)}`);
  return words.length === 0 ? null : `${verb} ${words.join(' ')}`;
}

function encodedValue(value: string | null): string {
  const encoded = value === null || value === '' ? UNAVAILABLE : encodeXtext(value);
  return encoded.length > MAX_VALUE ? UNAVAILABLE : encoded;
}

/** IPv6 addresses carry a prefix; a client of a unix socket has no address. */
function addressOf(client: ClientIdentity): string | null {
  if (isIPv6(client.address)) return `IPV6:${client.address}`;
  return client.address === 'unix' ? null : client.address;
}

function portOf(client: ClientIdentity): string | null {
  return client.port > 0 ? String(client.port) : null;
}
