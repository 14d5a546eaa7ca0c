/** Networks in CIDR notation, and which of them an address is in: trusted peers, and accounts by client address. */

import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Ip = ReturnType<typeof ipaddr.process>;

export interface Network {
  /** Null: clients of a unix socket (`unix`). */
  readonly ip: Ip | null;
  readonly prefix: number;
}

export type NetworkResult =
  | { readonly ok: true; readonly network: Network }
  | { readonly ok: false; readonly reason: string };

const EXPECTED = 'an address or network such as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32, or unix';

/**
 * One address, or a network whose host bits are zero: `192.0.2.7/24` is more
 * often a slip than meant, and its reading would differ between programs.
 */
export function parseNetwork(text: string): NetworkResult {
  if (text === 'unix') return { ok: true, network: { ip: null, prefix: 0 } };
  const [address = '', length, ...rest] = text.split('/');
  const ip = parseIp(address);
  if (ip === null || rest.length > 0) return { ok: false, reason: EXPECTED };
  if (length === undefined) return { ok: true, network: { ip, prefix: bits(ip) } };
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  const mapped = ip.kind() === 'ipv4' && address.includes(':');
  const own = mapped ? prefix - 96 : prefix;
  if (!(own >= 0 && own <= bits(ip))) return { ok: false, reason: `a prefix length of 0 to ${bits(ip)}` };
  const first = networkAddress(ip, own);
  if (first !== ip.toString()) return { ok: false, reason: `a network without host bits, ${first}/${own}` };
  return { ok: true, network: { ip, prefix: own } };
}

/** IPv4 or IPv6; an IPv4-mapped IPv6 address (`::ffff:192.0.2.7`, as dual-stack sockets show it) is the IPv4 address. */
function parseIp(text: string): Ip | null {
  const bare = text.includes('%') ? text.slice(0, text.indexOf('%')) : text;
  // The library would parse it once more only to say that it can.
  return isIP(bare) === 0 ? null : ipaddr.process(bare);
}

function bits(ip: Ip): number {
  return ip.kind() === 'ipv4' ? 32 : 128;
}

function networkAddress(ip: Ip, prefix: number): string {
  const cidr = `${ip.toString()}/${prefix}`;
  return (
    ip.kind() === 'ipv4' ? ipaddr.IPv4.networkAddressFromCIDR(cidr) : ipaddr.IPv6.networkAddressFromCIDR(cidr)
  ).toString();
}

/** The bits of an address that a network of that prefix length has in common with it, as a key. */
function leadingBits(bytes: readonly number[], prefix: number): string {
  const whole = prefix >> 3;
  const rest = prefix & 7;
  const key = bytes.slice(0, whole).join('.');
  return rest === 0 ? key : `${key}.${(bytes[whole] ?? 0) >> (8 - rest)}`;
}

/** A table of networks; the longest prefix that an address is in wins, as in routing. */
export interface NetworkTable<T> {
  /** `address` as in `Connection.address`: an IP in text form, or `unix`. What is no address is in no network. */
  lookup(address: string): T | null;
}

/** Throws RangeError for what `parseNetwork` refuses. Of the same network twice the first counts. */
export function networkTable<T>(entries: Iterable<readonly [network: string, value: T]>): NetworkTable<T> {
  let unix: T | null = null;
  // By kind and prefix length: an operator may have a network for each of many thousand accounts.
  const tables = { ipv4: new Map<number, Map<string, T>>(), ipv6: new Map<number, Map<string, T>>() };
  for (const [text, value] of entries) {
    const result = parseNetwork(text);
    if (!result.ok) throw new RangeError(`${JSON.stringify(text)}: expected ${result.reason}`);
    const { ip, prefix } = result.network;
    if (ip === null) unix ??= value;
    else {
      const networks = tables[ip.kind()].get(prefix) ?? new Map<string, T>();
      tables[ip.kind()].set(prefix, networks);
      const key = leadingBits(ip.toByteArray(), prefix);
      if (!networks.has(key)) networks.set(key, value);
    }
  }
  const longestFirst = {
    ipv4: [...tables.ipv4].sort(([one], [other]) => other - one),
    ipv6: [...tables.ipv6].sort(([one], [other]) => other - one),
  };
  return {
    lookup(address) {
      if (address === 'unix') return unix;
      const ip = parseIp(address);
      if (ip === null) return null;
      const bytes = ip.toByteArray();
      for (const [prefix, networks] of longestFirst[ip.kind()]) {
        const found = networks.get(leadingBits(bytes, prefix));
        if (found !== undefined) return found;
      }
      return null;
    },
  };
}

/** Is the address in one of the networks? For peers whose PROXY header or XCLIENT is believed. */
export function peerMatcher(networks: readonly string[]): (address: string) => boolean {
  const table = networkTable(networks.map((network) => [network, true] as const));
  return (address) => table.lookup(address) === true;
}
