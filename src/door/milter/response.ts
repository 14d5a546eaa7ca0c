/** What we say to an MTA (protocol.md, "Responses"), as packets. */

import type { Reply } from '../../smtp/reply.js';
import type { Agreement } from './negotiation.js';
import { replyText } from './reply-text.js';

/** Go on. */
export const CONTINUE = packet('c');
/** No more of this: the message, or before MAIL the session, is fine. */
export const ACCEPT = packet('a');
/** Refuse with the MTA's own words. */
export const REJECT = packet('r');
/** Defer with the MTA's own words. */
export const TEMPFAIL = packet('t');
/** No more pieces of the body. */
export const SKIP = packet('s');
/** Still at it: the MTA's time limit begins anew. */
export const PROGRESS = packet('p');

/** Refuse or defer with these words. */
export function replyCode(reply: Reply): Buffer {
  return packet('y', replyText(reply), NUL);
}

export function negotiated({ version, actions, steps, macroLists }: Agreement): Buffer {
  // Names of macros are ASCII, and a place is a small number.
  const lists = [...macroLists].map(([place, names]) => `\0\0\0${String.fromCharCode(place)}${names}\0`);
  return packet('O', uint32(version), uint32(actions), uint32(steps), lists.join(''));
}

/** Puts a field at the end of the header section. */
export function addHeader(name: string, value: string): Buffer {
  return packet('h', name, NUL, value, NUL);
}

/** @param place 0 for the top */
export function insertHeader(place: number, name: string, value: string): Buffer {
  return packet('i', uint32(place), name, NUL, value, NUL);
}

/** Replaces the nth field of that name, counted from 1; an empty value takes it out. */
export function changeHeader(nth: number, name: string, value: string): Buffer {
  return packet('m', uint32(nth), name, NUL, value, NUL);
}

/** The MTA takes the message and keeps it for a person to look at. */
export function quarantine(reason: string): Buffer {
  return packet('q', reason, NUL);
}

const NUL = Buffer.from([0]);

function packet(code: string, ...parts: readonly (string | Buffer)[]): Buffer {
  const payload = Buffer.concat([code, ...parts].map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
  return Buffer.concat([uint32(payload.length), payload]);
}

function uint32(value: number): Buffer {
  const octets = Buffer.alloc(4);
  octets.writeUInt32BE(value);
  return octets;
}
