import { findBulkSigns } from '../message/bulk-signs.js';
import type { UnsubscribeFinding } from '../message/findings.js';
import { fieldsNamed } from '../message/header-fields.js';
import type { HeaderSection } from '../message/inspection.js';

/** A header field that the message gets on its way. */
export interface AddedField {
  readonly name: string;
  readonly value: string;
}

/**
 * Whether a message may get the fields of RFC 8058. Not where there are any: two
 * links would contradict each other. Nor once it is signed: what nobody signed
 * receivers do not go by (RFC 8058 §4), and a signature may forbid that the field
 * is added (RFC 6376 §5.4.2).
 *
 * @param isBulk judged to be; otherwise it counts what the header declares
 */
export function lacksUnsubscribe(header: HeaderSection, isBulk: boolean): boolean {
  const present = ['list-unsubscribe', 'list-unsubscribe-post', 'dkim-signature'];
  if (present.some((name) => fieldsNamed(header, name).length > 0)) return false;
  return isBulk || findBulkSigns({ header }).length > 0;
}

export function unsubscribeFields(url: string): readonly AddedField[] {
  return [
    { name: 'List-Unsubscribe', value: `<${url}>` },
    { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
  ];
}

/** What the recipient will find in the message, when it gets those fields. */
export function withUnsubscribe(found: UnsubscribeFinding, url: string): UnsubscribeFinding {
  const common = { where: 'header', value: url, words: null, problem: null };
  const means = [
    ...found.means,
    { kind: 'list-unsubscribe' as const, ...common },
    { kind: 'one-click' as const, ...common },
  ];
  return { means, found: true, oneClick: true };
}
