import type { MessageKind } from './findings.js';
import { firstValue } from './header-fields.js';
import type { Inspection, Part } from './inspection.js';

/** `multipart/report; report-type=…` (RFC 6522). */
const REPORTS: Readonly<Record<string, MessageKind>> = {
  'delivery-status': 'delivery-status',
  'global-delivery-status': 'delivery-status',
  'disposition-notification': 'disposition-notification',
  'global-disposition-notification': 'disposition-notification',
  'feedback-report': 'feedback-report',
};

/** `Re:` and `Fwd:` in the languages that mail programs have; SubjectFinding names them by words. */
const FORWARDED = /^\s*(?:fwd?|wg|tr|rv|enc|i|doorst|pd|vb|vs|vl|yml|ilt|转发|轉寄|転送)\s*[:：]/i;

/** What kind of message it is. Wish: `structure`. */
export function messageKind({ header, structure }: Inspection): MessageKind {
  const report = structure === null ? undefined : reportKind(structure);
  if (report !== undefined) return report;
  if (structure !== null && isCalendar(structure)) return 'calendar';
  if (isAutomatic(firstValue(header, 'auto-submitted')) || header.fields.some(({ key }) => key === 'x-autoreply'))
    return 'auto-reply';
  if (refersToAnother(header)) return 'reply';
  if (FORWARDED.test(firstValue(header, 'subject') ?? '') || hasForwarded(structure)) return 'forward';
  return 'ordinary';
}

/** In-Reply-To or References with a message identifier. */
export function refersToAnother(header: Inspection['header']): boolean {
  return header.fields.some(
    ({ key, raw }) => (key === 'in-reply-to' || key === 'references') && /<[^<>\s]+>/.test(raw),
  );
}

function reportKind(root: Part): MessageKind | undefined {
  if (root.type !== 'multipart/report') return undefined;
  const told = REPORTS[root.parameters['report-type']?.toLowerCase() ?? ''];
  if (told !== undefined) return told;
  const machine = root.children.find(({ role }) => role === 'report');
  return REPORTS[machine?.type.replace(/^message\//, '') ?? ''];
}

/** RFC 6047: with a method it is an invitation or an answer to one, not a file. */
function isCalendar(part: Part): boolean {
  if (part.embedded) return false;
  if (part.type === 'text/calendar') return part.parameters.method !== undefined;
  return part.children.some(isCalendar);
}

/** RFC 3834 §5: anything but `no`; `auto-generated` is what programs send of their own accord. */
function isAutomatic(value: string | null): boolean {
  return value !== null && /^\s*auto-(?:replied|notified)\b/i.test(value);
}

function hasForwarded(part: Part | null): boolean {
  return part !== null && (part.role === 'message' || part.children.some(hasForwarded));
}
