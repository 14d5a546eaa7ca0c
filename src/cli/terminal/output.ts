/** Writing to standard output and error: text, JSON, colours where a person reads them. */

import { once } from 'node:events';
import pc from 'picocolors';

// picocolors heeds NO_COLOR, FORCE_COLOR and a dumb terminal; it looks at stdout only.
const colourful = pc.isColorSupported && (process.stdout.isTTY === true || process.env.FORCE_COLOR !== undefined);

/** Colours for standard output; plain text where it is no terminal. */
export const colours = pc.createColors(colourful);

// Texts of clients and relays must not steer the operator's terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g;

/** A foreign text in one harmless line. */
export function plain(text: string): string {
  return text.replace(CONTROL, '?');
}

export function line(text = ''): void {
  process.stdout.write(`${text}\n`);
}

/** One JSON document. */
export function json(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, process.stdout.isTTY === true ? 2 : undefined)}\n`);
}

/** One JSON document in one line, for answers without an end. */
export function jsonLine(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** For a person who watches; never part of the answer. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Resolves when standard output can take more. */
export async function drained(): Promise<void> {
  if (process.stdout.writableNeedDrain) await once(process.stdout, 'drain');
}

/** `2026-11-24 15:04:05Z`: seconds are enough for a person, and UTC is the same everywhere. */
export function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')}Z`;
}
