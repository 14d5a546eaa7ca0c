import type { HeaderSection } from '../mime/header-section.js';
import { leaves, type MimePart, octetsOf } from '../mime/mime-part.js';
import type { ReportedOutcome } from '../outcome.js';
import { readRecipientFields } from './recipient-fields.js';
import { readStatusGroups, type StatusGroups } from './status-groups.js';

const DELIVERY_STATUS = /^message\/(?:global-)?delivery-?status$|^application\/(?:x-)?delivery-status$/;
/** Fields in a part of another type, or in the text of one who forwarded the report. */
const QUOTED_FIELDS = /^(?:>\s?)?(?:final|original)-recipient\s{0,5}:/im;
/** A reply that goes on in the next line without being folded. */
const UNFOLDED_REPLY = /\n(?=[245]\d\d[ -])/g;

export interface DeliveryStatus {
  readonly groups: StatusGroups;
  /** Found in a text, so that anybody may have quoted it. */
  readonly isQuoted: boolean;
}

/**
 * Whether a report ends before or within its delivery status: what is said last
 * may not be all that was said. Where the returned message is there, which comes
 * after the status (RFC 6522 §3), a status that was promised never existed.
 */
export function isCutShort(message: MimePart, returned: HeaderSection | null): boolean {
  if (!message.isOpen) return false;
  const types = [...leaves(message)].map(({ type }) => type);
  const last = types.at(-1) ?? '';
  const promised = message.parameters['report-type']?.toLowerCase() === 'delivery-status';
  const missing = promised && returned === null && !types.some((type) => DELIVERY_STATUS.test(type));
  return DELIVERY_STATUS.test(last) || missing;
}

/** The machine-readable part of a report; null when it has none. */
export function deliveryStatusOf(message: MimePart): DeliveryStatus | null {
  for (const part of leaves(message)) {
    if (DELIVERY_STATUS.test(part.type)) {
      const groups = readStatusGroups(fieldsText(`${strayFields(part)}${octetsOf(part)}`));
      if (groups.perRecipient.length > 0) return { groups, isQuoted: false };
    }
  }
  for (const part of leaves(message)) {
    if (!/^(?:text\/plain|application\/octet-stream)$/.test(part.type)) continue;
    const octets = octetsOf(part).slice(0, 1_048_576);
    const at = QUOTED_FIELDS.exec(octets)?.index;
    if (at === undefined) continue;
    const groups = readStatusGroups(fieldsText(blockAround(octets, at)));
    const tells = groups.perRecipient.some((group) => group.has('action') || group.has('status'));
    if (tells) return { groups, isQuoted: true };
  }
  return null;
}

/** Fields that a reporter wrote into the part's own header section, the empty line forgotten. */
function strayFields({ header }: MimePart): string {
  const stray = header.fields.filter(({ name }) => !name.startsWith('content-'));
  return stray.map(({ name, value }) => `${name}: ${value}\n`).join('');
}

function fieldsText(octets: string): string {
  return octets
    .replace(/^>[ ]?/gm, '')
    .replace(UNFOLDED_REPLY, '\n ')
    .replace(/^[ \t]+$/gm, '');
}

/** From the fields about the message, which stand in the paragraph before, to the end. */
function blockAround(octets: string, at: number): string {
  const reporting = octets.lastIndexOf('Reporting-MTA', at);
  return octets.slice(reporting >= 0 && at - reporting < 2_000 ? reporting : at);
}

export function outcomesOf(
  groups: readonly HeaderSection[],
  humanText: string,
  returnedTo: readonly string[],
): ReportedOutcome[] {
  const supplement = { humanText, returnedTo, recipients: groups.length };
  const outcomes: ReportedOutcome[] = [];
  const seen = new Set<string>();
  for (const group of groups) {
    const outcome = readRecipientFields(group, supplement);
    if (outcome === null) continue;
    const key = `${outcome.recipient.toLowerCase()} ${outcome.action}`;
    if (seen.has(key)) continue;
    seen.add(key);
    outcomes.push(outcome);
  }
  return outcomes;
}
