import { isIP, type Socket } from 'node:net';

export interface ProxySource {
  readonly address: string;
  readonly port: number;
}

export type ProxyParse =
  /** Not enough bytes yet. */
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed'; readonly reason: string }
  /** `length` octets are the header. `source` null: the proxy speaks for itself (LOCAL, UNKNOWN). */
  | { readonly kind: 'header'; readonly length: number; readonly source: ProxySource | null };

// The PROXY protocol specification, sections 2.1 and 2.2.
const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const V1_MAX = 107;
const V2_MAX = 16 + 2048;
const HEADER_TIME_LIMIT_MS = 10_000;

/** Reads a PROXY protocol header, version 1 or 2, at the start of `bytes`. Never throws. */
export function parseProxyHeader(bytes: Buffer): ProxyParse {
  const signature = bytes.subarray(0, V2_SIGNATURE.length);
  if (signature.equals(V2_SIGNATURE.subarray(0, signature.length))) {
    return bytes.length < 16 ? { kind: 'incomplete' } : parseV2(bytes);
  }
  if ('PROXY '.startsWith(bytes.toString('latin1', 0, 6)) || bytes.toString('latin1', 0, 6) === 'PROXY ')
    return parseV1(bytes);
  return { kind: 'malformed', reason: 'no PROXY header' };
}

function parseV1(bytes: Buffer): ProxyParse {
  const end = bytes.indexOf('\r\n');
  if (end < 0) {
    return bytes.length < V1_MAX ? { kind: 'incomplete' } : { kind: 'malformed', reason: 'PROXY line too long' };
  }
  const length = end + 2;
  if (length > V1_MAX) return { kind: 'malformed', reason: 'PROXY line too long' };
  const words = bytes.toString('latin1', 0, end).split(' ');
  if (words[1] === 'UNKNOWN') return { kind: 'header', length, source: null };
  const [, family, source = '', destination = '', port = '', destinationPort = '', ...more] = words;
  const version = family === 'TCP4' ? 4 : family === 'TCP6' ? 6 : 0;
  const wellFormed =
    version !== 0 &&
    isIP(source) === version &&
    isIP(destination) === version &&
    isPort(port) &&
    isPort(destinationPort) &&
    more.length === 0;
  if (!wellFormed) return { kind: 'malformed', reason: 'malformed PROXY line' };
  return { kind: 'header', length, source: { address: source, port: Number(port) } };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
}

function parseV2(bytes: Buffer): ProxyParse {
  const versionAndCommand = bytes.readUInt8(12);
  const family = bytes.readUInt8(13) >> 4;
  const length = 16 + bytes.readUInt16BE(14);
  if (versionAndCommand >> 4 !== 2) return { kind: 'malformed', reason: 'unknown PROXY version' };
  if (length > V2_MAX) return { kind: 'malformed', reason: 'PROXY header too long' };
  if (bytes.length < length) return { kind: 'incomplete' };
  const command = versionAndCommand & 0x0f;
  if (command === 0) return { kind: 'header', length, source: null };
  if (command !== 1) return { kind: 'malformed', reason: 'unknown PROXY command' };
  if (family === 1 && length >= 16 + 12) {
    const address = [...bytes.subarray(16, 20)].join('.');
    return { kind: 'header', length, source: { address, port: bytes.readUInt16BE(24) } };
  }
  if (family === 2 && length >= 16 + 36) {
    return { kind: 'header', length, source: { address: ipv6(bytes.subarray(16, 32)), port: bytes.readUInt16BE(48) } };
  }
  // AF_UNSPEC and AF_UNIX tell no address that we could use.
  if (family === 0 || family === 3) return { kind: 'header', length, source: null };
  return { kind: 'malformed', reason: 'PROXY addresses missing' };
}

function ipv6(octets: Buffer): string {
  const groups: string[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(octets.readUInt16BE(i).toString(16));
  return groups.join(':');
}

/** Takes the header off the socket, and leaves what follows on it. */
export function readProxyHeader(socket: Socket): Promise<ProxySource | null> {
  return new Promise((resolve, reject) => {
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (act: () => void): void => {
      clearTimeout(timer);
      socket.off('readable', read);
      socket.off('error', fail);
      socket.off('close', closed);
      socket.off('end', closed);
      act();
    };
    const fail = (error: Error): void => finish(() => reject(error));
    const closed = (): void => fail(new Error('closed before its PROXY header'));
    const timer = setTimeout(() => fail(new Error('no PROXY header in time')), HEADER_TIME_LIMIT_MS);
    const read = (): void => {
      for (let chunk: unknown = socket.read(); Buffer.isBuffer(chunk); chunk = socket.read()) {
        bytes = Buffer.concat([bytes, chunk]);
        const parsed = parseProxyHeader(bytes);
        if (parsed.kind === 'incomplete') continue;
        if (parsed.kind === 'malformed') return fail(new Error(parsed.reason));
        const rest = bytes.subarray(parsed.length);
        return finish(() => {
          if (rest.length > 0) socket.unshift(rest);
          resolve(parsed.source);
        });
      }
    };
    socket.on('readable', read);
    socket.on('error', fail);
    socket.on('close', closed);
    socket.on('end', closed);
    read();
  });
}
