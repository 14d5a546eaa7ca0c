/** A DNS server on loopback that answers from a table, and is silent or broken where it says so. */

import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Test } from 'tap';

type Records = { readonly A?: readonly string[]; readonly AAAA?: readonly string[]; readonly MX?: readonly string[] };

export interface DnsServer {
  /** `127.0.0.1:port` */
  readonly address: string;
  /** Every question, `MX example.com`, in order. */
  readonly questions: readonly string[];
  /** What names have; `servfail` and `silence` are failures. A name that is not there does not exist. */
  readonly names: Map<string, Records | 'servfail' | 'silence'>;
}

const TYPES: Readonly<Record<number, keyof Records>> = { 1: 'A', 15: 'MX', 28: 'AAAA' };
const TYPE_NUMBERS: Readonly<Record<keyof Records, number>> = { A: 1, MX: 15, AAAA: 28 };

export async function startDnsServer(
  t: Pick<Test, 'teardown'>,
  names: Readonly<Record<string, Records | 'servfail' | 'silence'>>,
): Promise<DnsServer> {
  const socket = createSocket('udp4');
  const server = { questions: [] as string[], names: new Map(Object.entries(names)) };
  socket.on('message', (message, from) => answer(socket, message, from, server));
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  return { ...server, address: `127.0.0.1:${socket.address().port}` };
}

function answer(
  socket: Socket,
  message: Buffer,
  from: RemoteInfo,
  { questions, names }: Pick<DnsServer, 'names'> & { readonly questions: string[] },
): void {
  const { name, type, end } = readQuestion(message);
  const kind = TYPES[type];
  questions.push(`${kind ?? type} ${name}`);
  const known = names.get(name);
  if (known === 'silence') return;
  const records = known === undefined || known === 'servfail' || kind === undefined ? [] : (known[kind] ?? []);
  const code = known === 'servfail' ? 2 : known === undefined ? 3 : 0;
  const header = Buffer.alloc(12);
  header.writeUInt16BE(message.readUInt16BE(0), 0);
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const answers = kind === undefined ? [] : records.map((record) => encodeRecord(kind, record));
  socket.send(Buffer.concat([header, message.subarray(12, end), ...answers]), from.port, from.address);
}

function readQuestion(message: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

function encodeRecord(kind: keyof Records, record: string): Buffer {
  const body = encodeBody(kind, record);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(TYPE_NUMBERS[kind], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(60, 6);
  head.writeUInt16BE(body.length, 10);
  return Buffer.concat([head, body]);
}

function encodeBody(kind: keyof Records, record: string): Buffer {
  if (kind === 'A') return Buffer.from(record.split('.').map(Number));
  if (kind === 'AAAA') return Buffer.from(record.replaceAll(':', ''), 'hex');
  const [priority = '10', exchange = ''] = record.split(' ');
  const labels = exchange.split('.').filter((label) => label !== '');
  const name = labels.map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  const preference = Buffer.alloc(2);
  preference.writeUInt16BE(Number(priority));
  return Buffer.concat([preference, ...name, Buffer.from([0])]);
}
