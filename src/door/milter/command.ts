/** What an MTA says (protocol.md, "Commands"): packets in, typed commands out. */

import type { Frame } from './frame-reader.js';
import { letterAt } from './letter.js';
import { MacroList } from './macro-list.js';

/** The command that macros belong to, by its letter. */
export type MacroStage = 'C' | 'H' | 'M' | 'R' | 'T' | 'L' | 'N' | 'B' | 'E' | 'U';

export type Command =
  | { readonly kind: 'negotiate'; readonly version: number; readonly actions: number; readonly steps: number }
  | { readonly kind: 'macros'; readonly stage: MacroStage; readonly macros: MacroList }
  | {
      readonly kind: 'connect';
      /** Name of the client's host, or its address in brackets, as the MTA found it. */
      readonly host: string;
      readonly family: 'unknown' | 'unix' | 'ipv4' | 'ipv6';
      /** 0 where there is none. */
      readonly port: number;
      /** Empty for `unknown`. */
      readonly address: string;
    }
  | { readonly kind: 'helo'; readonly name: string }
  /** `path` with angle brackets, as the client wrote it; `parameters` as it wrote them, too. */
  | { readonly kind: 'mail'; readonly path: string; readonly parameters: readonly string[] }
  | { readonly kind: 'rcpt'; readonly path: string; readonly parameters: readonly string[] }
  | { readonly kind: 'data' }
  | { readonly kind: 'header'; readonly name: Buffer; readonly value: Buffer }
  | { readonly kind: 'endOfHeader' }
  | { readonly kind: 'body'; readonly octets: Buffer }
  /** The last piece of the body may come with it. */
  | { readonly kind: 'endOfMessage'; readonly octets: Buffer }
  | { readonly kind: 'abort' }
  | { readonly kind: 'quit' }
  /** The client is gone; the next one comes over the same connection. */
  | { readonly kind: 'quitNewConnection' }
  /** An SMTP command that the MTA does not know. */
  | { readonly kind: 'unknown'; readonly line: string };

const KIB = 1024;
/** Header fields: Postfix sends them whole, up to `header_size_limit` (100 KiB if nobody changed it). */
const HEADER_OCTETS = 1024 * KIB;
/** Pieces of the body: 65,535 octets unless larger ones were negotiated, which we never do. */
const BODY_OCTETS = 64 * KIB;
/** Everything else is an SMTP command or macros. */
const OTHER_OCTETS = 64 * KIB;

/** Octets that a packet of a command may have besides its letter. */
export function payloadLimit(code: string): number {
  if (code === 'L') return HEADER_OCTETS;
  return code === 'B' || code === 'E' ? BODY_OCTETS : OTHER_OCTETS;
}

/** Null: not a command, or a malformed one. */
export function parseCommand({ code, payload }: Frame): Command | null {
  switch (code) {
    case 'O':
      return parseNegotiation(payload);
    case 'D':
      return parseMacros(payload);
    case 'C':
      return parseConnect(payload);
    case 'H': {
      const [name, ...more] = texts(payload) ?? [];
      return name === undefined || more.length > 0 ? null : { kind: 'helo', name };
    }
    case 'M':
    case 'R': {
      const [path, ...parameters] = texts(payload) ?? [];
      return path === undefined ? null : { kind: code === 'M' ? 'mail' : 'rcpt', path, parameters };
    }
    case 'L':
      return parseHeader(payload);
    case 'B':
      return { kind: 'body', octets: payload };
    case 'E':
      return { kind: 'endOfMessage', octets: payload };
    case 'U': {
      const [line] = texts(payload) ?? [];
      return line === undefined ? null : { kind: 'unknown', line };
    }
    default: {
      const kind = BARE.get(code);
      return kind === undefined || payload.length > 0 ? null : { kind };
    }
  }
}

type BareKind = 'data' | 'endOfHeader' | 'abort' | 'quit' | 'quitNewConnection';

const BARE: ReadonlyMap<string, BareKind> = new Map([
  ['T', 'data'],
  ['N', 'endOfHeader'],
  ['A', 'abort'],
  ['Q', 'quit'],
  ['K', 'quitNewConnection'],
]);

function parseNegotiation(payload: Buffer): Command | null {
  // Later versions may append to it.
  if (payload.length < 12) return null;
  return {
    kind: 'negotiate',
    version: payload.readUInt32BE(0),
    actions: payload.readUInt32BE(4),
    steps: payload.readUInt32BE(8),
  };
}

const MACRO_STAGES = 'CHMRTLNBEU';

function isMacroStage(code: string): code is MacroStage {
  return code.length === 1 && MACRO_STAGES.includes(code);
}

function parseMacros(payload: Buffer): Command | null {
  const stage = letterAt(payload, 0);
  if (!isMacroStage(stage)) return null;
  const macros = MacroList.of(payload.subarray(1));
  return macros === null ? null : { kind: 'macros', stage, macros };
}

const FAMILIES: Readonly<Record<string, 'unknown' | 'unix' | 'ipv4' | 'ipv6' | undefined>> = {
  U: 'unknown',
  L: 'unix',
  '4': 'ipv4',
  '6': 'ipv6',
};

function parseConnect(payload: Buffer): Command | null {
  const end = payload.indexOf(0);
  if (end < 0) return null;
  const host = payload.toString('utf8', 0, end);
  const family = FAMILIES[letterAt(payload, end + 1)];
  if (family === undefined) return null;
  if (family === 'unknown') return { kind: 'connect', host, family, port: 0, address: '' };
  if (payload.length < end + 4) return null;
  const [address, ...more] = texts(payload.subarray(end + 4)) ?? [];
  if (address === undefined || more.length > 0) return null;
  return {
    kind: 'connect',
    host,
    family,
    port: payload.readUInt16BE(end + 2),
    // Sendmail writes IPv6 addresses as in an address literal (RFC 5321 §4.1.3).
    address: address.replace(/^IPv6:/i, ''),
  };
}

function parseHeader(payload: Buffer): Command | null {
  const end = payload.indexOf(0);
  const last = payload.length - 1;
  if (end <= 0 || end === last || payload.indexOf(0, end + 1) !== last) return null;
  return { kind: 'header', name: payload.subarray(0, end), value: payload.subarray(end + 1, last) };
}

/** Texts that each end in NUL; null where the last one does not. */
function texts(payload: Buffer): readonly string[] | null {
  if (payload.length === 0) return [];
  if (payload[payload.length - 1] !== 0) return null;
  return payload.toString('utf8', 0, payload.length - 1).split('\0');
}
