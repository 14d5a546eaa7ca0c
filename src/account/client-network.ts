import { isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * What a client's limits are counted by: its IPv4 address, or the /64 of its
 * IPv6 address, since whoever has one address of a /64 has them all (RFC 6177).
 */
export function clientNetwork(address: string): string {
  if (!isIPv6(address)) return address;
  const ip = ipaddr.process(address);
  return ip.kind() === 'ipv4' ? ip.toString() : `${ipaddr.IPv6.networkAddressFromCIDR(`${ip.toString()}/64`)}/64`;
}
