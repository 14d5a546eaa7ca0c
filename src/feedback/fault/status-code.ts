import type { FaultClass } from '../outcome.js';

/** An enhanced status code (RFC 3463 §2) anywhere in a text; not part of a version or an IP address. */
const STATUS = /(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d]|\.\d)/;
/** An SMTP reply code where one can stand: at the start, after a separator, or after the words that quote a server. */
const REPLY = /(?:^|[\s:;,([<>'"=*-])([245][0-5]\d)(?=[\s:;,\])>'"-]|$)(?!-?\d{1,2}-\d)/g;

/** The first status code in a text; null when there is none. */
export function statusIn(text: string): string | null {
  const match = STATUS.exec(text);
  return match === null ? null : `${match[1]}.${Number(match[2])}.${Number(match[3])}`;
}

/** The last reply code of a refusal in a text, or of a success where there is no refusal. */
export function replyCodeIn(text: string): string | null {
  let code: string | null = null;
  for (const match of text.slice(0, 8_192).matchAll(REPLY)) {
    const found = match[1] ?? '';
    if (code === null || !found.startsWith('2')) code ??= found;
    if (code.startsWith('2') && !found.startsWith('2')) code = found;
  }
  return code;
}

/** `5.1.1` says what it means; `5.0.0` and `5.1.0` do not. */
export function isSpecific(status: string): boolean {
  return !status.endsWith('.0');
}

/**
 * The status that tells most: the field's, unless it is general and the remote
 * side's words have a specific one, or the two disagree whether it was a failure.
 */
export function tellingStatus(field: string | null, inText: string | null): string | null {
  if (field === null || inText === null) return field ?? inText;
  const general = !isSpecific(field) && isSpecific(inText);
  const contradicts = field.charAt(0) === '2' && inText.charAt(0) !== '2';
  return general || contradicts ? inText : field;
}

/** RFC 3463 §3 and the registry, where the code alone says whose fault it was. */
const CLASS_OF: Readonly<Record<string, FaultClass>> = {
  '1.1': 'unknown',
  '1.2': 'domain-gone',
  '1.3': 'unknown',
  '1.4': 'unknown',
  '1.6': 'moved',
  '1.7': 'reputation',
  '1.8': 'reputation',
  '1.10': 'domain-gone',
  '2.1': 'disabled',
  '2.2': 'full',
  '2.3': 'content',
  '2.4': 'policy',
  '3.1': 'network',
  '3.2': 'network',
  '3.3': 'content',
  '3.4': 'content',
  '3.5': 'infrastructure',
  '4.1': 'network',
  '4.2': 'network',
  '4.3': 'network',
  '4.4': 'domain-gone',
  '4.5': 'network',
  '4.6': 'infrastructure',
  '4.7': 'expired',
  '4.8': 'infrastructure',
  '7.25': 'reputation',
  '7.26': 'reputation',
  '7.27': 'reputation',
};

export function classOfStatus(status: string): FaultClass | null {
  const [, subject = '', detail = ''] = status.split('.');
  // "Unable to route" is for good only where the code says so.
  if (status === '4.4.4') return 'network';
  const exact = CLASS_OF[`${subject}.${detail}`];
  if (exact !== undefined) return exact;
  if (subject === '6') return 'content';
  if (subject === '7') return Number(detail) >= 20 ? 'reputation' : 'policy';
  if (subject === '4') return 'network';
  return null;
}
