/**
 * What a client hears: `[rule id] sentence ref=<id> <policy page>`, one ASCII
 * line of at most 500 octets with code and status. The sentence gives way where
 * it does not fit, the reference and the page never do.
 */

import {
  type PermanentCode,
  type PermanentStatus,
  permanent,
  type Reply,
  type TransientCode,
  type TransientStatus,
  transient,
} from '../smtp/reply.js';
import type { Objection, ReplyTemplate, RuleId, Stage } from './rule.js';

/** Sentences of one language by rule and situation, instead of the rules' own. */
export type RuleTexts = { readonly [rule in RuleId]?: { readonly [situation: string]: string } };

export interface ReplyWords {
  /** The transaction's or session's id. */
  readonly ref: string;
  /** The operator's policy page; `{rule}` in it becomes the rule's id. Null: none. */
  readonly policyUrl: string | null;
  /** Null: the rules' own sentences. */
  readonly texts: RuleTexts | null;
}

const MAX_LINE = 500;
/** A value longer than this says no more to a person, and crowds out the sentence. */
const MAX_VALUE = 120;
/** Longest policy page that config takes, so that code, rule id, reference and page always fit. */
export const MAX_POLICY_URL = 200;
const MAX_REF = 64;

export function wordReply(
  rule: RuleId,
  template: ReplyTemplate,
  stage: Stage,
  objection: Objection,
  words: ReplyWords,
): Reply {
  const code = codeAt(template, stage);
  const sentence = fillIn(words.texts?.[rule]?.[objection.situation] ?? template.text, objection.values);
  const ref = ` ref=${printable(words.ref).slice(0, MAX_REF)}`;
  const url =
    words.policyUrl === null
      ? ''
      : ` ${printable(words.policyUrl.replaceAll('{rule}', rule)).slice(0, MAX_POLICY_URL + rule.length)}`;
  const head = `[${rule}] `;
  const room = MAX_LINE - `${code} ${template.status} `.length - head.length - ref.length - url.length;
  return build(code, template.status, head + cut(sentence, room) + ref + url);
}

/** The code of a reply at a stage. A rule that objects where it has no code is a defect that its tests find. */
export function codeAt(template: ReplyTemplate, stage: Stage): TransientCode | PermanentCode {
  const code = typeof template.code === 'number' ? template.code : template.code[stage];
  if (code === undefined) throw new Error(`no reply code for stage ${stage}`);
  return code;
}

const PLACEHOLDER = /\{([A-Za-z]+)\}/g;

/** The names of the placeholders of a sentence. */
export function placeholdersOf(text: string): readonly string[] {
  return [...new Set([...text.matchAll(PLACEHOLDER)].flatMap(([, name]) => name ?? []))];
}

function fillIn(text: string, values: Objection['values']): string {
  return printable(
    text.replace(PLACEHOLDER, (placeholder, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      return value === undefined ? placeholder : cut(printable(String(value)), MAX_VALUE);
    }),
  );
}

/** ASCII without control characters; anything else as `\u{e9}`. Nothing of the client's may end a line or change a terminal. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

function cut(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(room - 3, 0))}...`;
}

function build(code: TransientCode | PermanentCode, status: TransientStatus | PermanentStatus, line: string): Reply {
  return code < 500
    ? transient(code as TransientCode, status as TransientStatus, line)
    : permanent(code as PermanentCode, status as PermanentStatus, line);
}
