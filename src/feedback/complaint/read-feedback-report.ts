import { addressesIn } from '../address/mailboxes.js';
import { readTypedAddress } from '../address/typed-address.js';
import { decodeWords } from '../mime/encoded-words.js';
import { HeaderSection, readHeaderSection } from '../mime/header-section.js';
import { leaves, type MimePart, octetsOf } from '../mime/mime-part.js';
import type { ReportedOutcome, ReportKind } from '../outcome.js';
import { isRedacted } from './redacted.js';

/** A feedback report (RFC 5965 §3) before the returned message is looked at. */
export interface FeedbackReport {
  readonly kind: ReportKind;
  readonly feedbackType: string;
  readonly fields: HeaderSection;
  /** Whom it names itself; empty when redacted. */
  readonly recipients: readonly string[];
}

const FEEDBACK_PART = /^message\/(?:x-)?feedback-report$/;
/** RFC 5965 §7.3, RFC 6430 (not-spam), RFC 6591 (auth-failure), and what providers write instead. */
const KIND_OF: Readonly<Record<string, ReportKind>> = {
  'not-spam': 'not-spam',
  'auth-failure': 'none',
  dkim: 'none',
  dmarc: 'none',
};
const OPT_OUT = /^(?:opt-?out(?:-list)?|unsubscribe|removal?)$/;

/** The machine-readable part of a feedback report; null when the message has none. */
export function feedbackReportOf(message: MimePart): FeedbackReport | null {
  for (const part of leaves(message)) {
    if (!FEEDBACK_PART.test(part.type) && !isMislabelled(message, part)) continue;
    const fields = fieldsOf(octetsOf(part));
    const feedbackType = (/[a-z-]+/.exec(fields.first('feedback-type').toLowerCase())?.[0] ?? 'abuse').trim();
    const named = ['original-rcpt-to', 'removal-recipient', 'x-original-rcpt-to', 'original-recipient']
      .map((name) => fields.all(name).flatMap((value) => addressesOf(decodeWords(value))))
      .find((addresses) => addresses.length > 0);
    return { kind: KIND_OF[feedbackType] ?? 'complaint', feedbackType, fields, recipients: named ?? [] };
  }
  return null;
}

/** A report that calls its fields plain text. */
function isMislabelled(message: MimePart, part: MimePart): boolean {
  return (
    message.parameters['report-type']?.toLowerCase() === 'feedback-report' &&
    part.type === 'text/plain' &&
    /^feedback-type\s{0,5}:/im.test(part.raw.slice(0, 8_192))
  );
}

/** Some put an empty line at the top, or between the fields. */
function fieldsOf(octets: string): HeaderSection {
  const fields = [];
  let at = 0;
  for (let paragraphs = 0; at < octets.length && paragraphs < 100; paragraphs += 1) {
    const { section, bodyAt } = readHeaderSection(octets, at);
    fields.push(...section.fields);
    const next = octets.indexOf('\n', at);
    at = bodyAt > at ? bodyAt : next === -1 ? octets.length : next + 1;
  }
  return new HeaderSection(fields);
}

function addressesOf(value: string): string[] {
  const several = addressesIn(value);
  const all = several.length > 0 ? several : [readTypedAddress(value)?.mailbox ?? ''];
  return all.filter((address) => address !== '' && !isRedacted(address));
}

export function isOptOut(feedbackType: string): boolean {
  return OPT_OUT.test(feedbackType);
}

/** A complaint is nobody's failure to take mail: it never counts as a rejection. */
export function complaintOutcomes(recipients: readonly string[], feedbackType: string): ReportedOutcome[] {
  return [...new Set(recipients)].map((recipient) => ({
    recipient,
    originalRecipient: null,
    action: feedbackType === 'not-spam' ? null : isOptOut(feedbackType) ? 'revoked' : 'complained',
    status: null,
    diagnostic: feedbackType,
    remoteMta: null,
    class: 'none',
    permanent: false,
  }));
}
