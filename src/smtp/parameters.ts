/**
 * ESMTP parameters of MAIL and RCPT (RFC 5321 §4.1.1.11): read for us, kept in
 * the client's spelling for the relay.
 */

import { permanent, type Reply } from './reply.js';
import { decodeXtext } from './xtext.js';

export interface Parameter {
  /** Upper case. */
  readonly keyword: string;
  /** Null: the keyword stands alone. */
  readonly value: string | null;
  /** As the client wrote it. */
  readonly spelling: string;
}

export type ParametersResult =
  | { readonly ok: true; readonly parameters: readonly Parameter[] }
  | { readonly ok: false /** For a person; nothing of the client's is in it. */; readonly reason: string };

const KEYWORD = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
// esmtp-value without its ban on `=`: xtext values are checked on their own, and
// an unencoded `=` in another parameter is for the relay to judge.
const VALUE = /^[\x21-\x7e\u{a1}-\u{10ffff}]+$/u;
const MAX_PARAMETERS = 32;

/** Reads what follows the path. A keyword twice is refused: which one counts would be anybody's guess. */
export function parseParameters(rest: string): ParametersResult {
  const words = rest.split(' ').filter((word) => word !== '');
  if (words.length > MAX_PARAMETERS) return { ok: false, reason: 'too many parameters' };
  const parameters: Parameter[] = [];
  const seen = new Set<string>();
  for (const spelling of words) {
    const equals = spelling.indexOf('=');
    const keyword = (equals < 0 ? spelling : spelling.slice(0, equals)).toUpperCase();
    const value = equals < 0 ? null : spelling.slice(equals + 1);
    if (!KEYWORD.test(keyword)) return { ok: false, reason: 'malformed parameter' };
    if (value !== null && (!VALUE.test(value) || value.includes('\ufffd'))) {
      return { ok: false, reason: `malformed value of ${keyword}` };
    }
    if (seen.has(keyword)) return { ok: false, reason: `${keyword} is given twice` };
    seen.add(keyword);
    parameters.push({ keyword, value, spelling });
  }
  return { ok: true, parameters };
}

export type BodyType = '7BIT' | '8BITMIME';
export type Notify = 'NEVER' | 'SUCCESS' | 'FAILURE' | 'DELAY';

export interface MailParameters {
  /** RFC 1870, octets; sizes beyond exact numbers read as the largest exact one. */
  readonly size: number | null;
  /** RFC 6152. */
  readonly body: BodyType | null;
  /** RFC 6531. */
  readonly smtpUtf8: boolean;
  /** RFC 3461 §4.3. */
  readonly ret: 'FULL' | 'HDRS' | null;
  /** RFC 3461 §4.4, decoded. */
  readonly envid: string | null;
  /** RFC 8689. */
  readonly requireTls: boolean;
  /** RFC 4954 §5, decoded: a mailbox, or `<>`. */
  readonly auth: string | null;
}

export interface RecipientParameters {
  /** RFC 3461 §4.1. */
  readonly notify: readonly Notify[] | null;
  /** RFC 3461 §4.2, the address decoded. */
  readonly orcpt: { readonly type: string; readonly address: string } | null;
}

export type MailKeyword = 'SIZE' | 'BODY' | 'SMTPUTF8' | 'RET' | 'ENVID' | 'REQUIRETLS' | 'AUTH';
export type RecipientKeyword = 'NOTIFY' | 'ORCPT';

export type ReadResult<T> = { readonly ok: true; readonly values: T } | { readonly ok: false; readonly reply: Reply };

/** The parameters of MAIL. What is not in `offered` (the relay does not support it) is as unknown as any other: 555. */
export function readMailParameters(
  parameters: readonly Parameter[],
  offered: ReadonlySet<MailKeyword>,
): ReadResult<MailParameters> {
  const refusal = refuseUnknown(parameters, offered);
  if (refusal !== null) return { ok: false, reply: refusal };
  const read = reader(parameters);
  const values: MailParameters = {
    size: read.value('SIZE', readSize),
    body: read.value('BODY', oneOf('7BIT', '8BITMIME')),
    smtpUtf8: read.flag('SMTPUTF8'),
    ret: read.value('RET', oneOf('FULL', 'HDRS')),
    envid: read.value('ENVID', readEnvid),
    requireTls: read.flag('REQUIRETLS'),
    auth: read.value('AUTH', readAuth),
  };
  const malformed = read.malformed();
  return malformed === null ? { ok: true, values } : { ok: false, reply: malformed };
}

/** The parameters of RCPT. */
export function readRecipientParameters(
  parameters: readonly Parameter[],
  offered: ReadonlySet<RecipientKeyword>,
): ReadResult<RecipientParameters> {
  const refusal = refuseUnknown(parameters, offered);
  if (refusal !== null) return { ok: false, reply: refusal };
  const read = reader(parameters);
  const values: RecipientParameters = {
    notify: read.value('NOTIFY', readNotify),
    orcpt: read.value('ORCPT', readOrcpt),
  };
  const malformed = read.malformed();
  return malformed === null ? { ok: true, values } : { ok: false, reply: malformed };
}

function refuseUnknown(parameters: readonly Parameter[], offered: ReadonlySet<string>): Reply | null {
  const unknown = parameters.find((parameter) => !offered.has(parameter.keyword));
  // RFC 5321 §4.1.1.11: 555 for parameters not recognised or not implemented.
  return unknown === undefined ? null : permanent(555, '5.5.4', `${unknown.keyword}: unsupported parameter`);
}

interface Reader {
  value<T>(keyword: string, parse: (value: string) => T | null): T | null;
  flag(keyword: string): boolean;
  /** The refusal for the first value that could not be read. */
  malformed(): Reply | null;
}

function reader(parameters: readonly Parameter[]): Reader {
  let refusal: Reply | null = null;
  const find = (keyword: string) => parameters.find((parameter) => parameter.keyword === keyword);
  const refuse = (keyword: string) => {
    refusal ??= permanent(501, '5.5.4', `${keyword}: malformed parameter`);
  };
  return {
    value(keyword, parse) {
      const parameter = find(keyword);
      if (parameter === undefined) return null;
      const value = parameter.value === null ? null : parse(parameter.value);
      if (value === null) refuse(keyword);
      return value;
    },
    flag(keyword) {
      const parameter = find(keyword);
      if (parameter !== undefined && parameter.value !== null) refuse(keyword);
      return parameter !== undefined;
    },
    malformed: () => refusal,
  };
}

/** RFC 1870 §3: 1 to 20 digits. */
export function readSize(value: string): number | null {
  return /^\d{1,20}$/.test(value) ? Math.min(Number(value), Number.MAX_SAFE_INTEGER) : null;
}

function oneOf<T extends string>(...known: readonly T[]): (value: string) => T | null {
  return (value) => known.find((word) => word === value.toUpperCase()) ?? null;
}

/** RFC 3461 §4.4: at most 100 octets, printable when decoded. */
export function readEnvid(value: string): string | null {
  const decoded = value.length <= 100 ? decodeXtext(value) : null;
  return decoded !== null && /^[\x20-\x7e]+$/.test(decoded) ? decoded : null;
}

/** RFC 4954 §5: an xtext mailbox of at most 500 octets, or `<>`. */
export function readAuth(value: string): string | null {
  if (value === '<>') return value;
  const decoded = value.length <= 500 ? decodeXtext(value) : null;
  return decoded !== null && !/\p{Cc}/u.test(decoded) ? decoded : null;
}

const NOTIFY: readonly Notify[] = ['NEVER', 'SUCCESS', 'FAILURE', 'DELAY'];

/** RFC 3461 §4.1: NEVER alone, or a list of the others. */
export function readNotify(value: string): readonly Notify[] | null {
  const words = value.toUpperCase().split(',');
  const events = NOTIFY.filter((event) => words.includes(event));
  if (events.length !== words.length) return null;
  return events.length > 1 && events.includes('NEVER') ? null : events;
}

/** RFC 3461 §4.2, at most 500 octets; `utf-8` addresses (RFC 6533 §3) are not xtext and kept as they are. */
export function readOrcpt(value: string): { readonly type: string; readonly address: string } | null {
  const semicolon = value.indexOf(';');
  const type = value.slice(0, Math.max(semicolon, 0)).toLowerCase();
  const encoded = value.slice(semicolon + 1);
  if (!/^[a-z0-9][a-z0-9-]*$/.test(type) || encoded === '' || Buffer.byteLength(value) > 500) return null;
  const address = type === 'utf-8' ? encoded : decodeXtext(encoded);
  return address === null ? null : { type, address };
}
