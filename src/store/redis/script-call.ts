import type { Packed } from './packed.js';
import type { ScriptName } from './scripts.js';

export type Argument = string | number | Packed;

/** What Redis answers, nested arrays and all, texts as octets. */
export type OctetsReply = Buffer | number | null | readonly OctetsReply[];

/** A script call that may run as one with others of the same moment (`Link.together`). */
export interface ScriptCall<T> {
  readonly name: ScriptName;
  readonly keys: readonly string[];
  readonly args: readonly Argument[];
  read(reply: OctetsReply): T;
}

/** How a call of `Link.together` went: its answer, read. Throws what it failed with. */
export function answerTo<T>(call: ScriptCall<T>, settled: PromiseSettledResult<OctetsReply> | undefined): T {
  if (settled === undefined) throw new RangeError(`no answer to ${call.name}`);
  if (settled.status === 'rejected') throw settled.reason;
  return call.read(settled.value);
}

/** The same of several; `settled` begins with theirs. */
export function answersTo<T>(
  calls: readonly ScriptCall<T>[],
  settled: readonly PromiseSettledResult<OctetsReply>[],
): T[] {
  return calls.map((call, index) => answerTo(call, settled[index]));
}
