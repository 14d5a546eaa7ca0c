import { HeaderSection, readHeaderSection } from '../mime/header-section.js';

/** The fields of a delivery status (RFC 3464 §2): those about the message, and one group for each recipient. */
export interface StatusGroups {
  readonly perMessage: HeaderSection;
  readonly perRecipient: readonly HeaderSection[];
}

const MAX_GROUPS = 10_000;
const NAMES_RECIPIENT = /^(?:final|original)-recipient$/;
const OF_RECIPIENT =
  /^(?:(?:final|original|x-actual)-recipient|action|status|diagnostic-code|remote-mta|last-attempt-date|will-retry-until)$/;

/**
 * Groups end at empty lines (RFC 3464 §2.1), but some reporters put none between
 * two recipients, others one after every field, and some quote it all with `> `:
 * so a second field that names a recipient also starts a group, and a group that
 * names none belongs to the one before.
 */
export function readStatusGroups(text: string): StatusGroups {
  const perMessage: HeaderSection[] = [];
  const perRecipient: HeaderSection[] = [];
  for (const section of sections(text)) {
    for (const group of splitAtRecipients(section)) {
      const names = group.fields.some(({ name }) => NAMES_RECIPIENT.test(name));
      const last = perRecipient.at(-1);
      if (names && last !== undefined && completes(last, group))
        perRecipient[perRecipient.length - 1] = joined(last, group);
      else if (names) perRecipient.push(group);
      else if (last !== undefined && group.fields.some(({ name }) => OF_RECIPIENT.test(name))) {
        perRecipient[perRecipient.length - 1] = joined(last, group);
      } else perMessage.push(group);
    }
  }
  return { perMessage: new HeaderSection(perMessage.flatMap(({ fields }) => fields)), perRecipient };
}

function* sections(text: string): Generator<HeaderSection> {
  let at = 0;
  let count = 0;
  while (at < text.length && count < MAX_GROUPS) {
    const { section, bodyAt } = readHeaderSection(text, at);
    if (section.fields.length > 0) {
      yield section;
      count += 1;
    }
    // A line that is no field is left out, whatever it is.
    at = bodyAt > at ? bodyAt : nextLine(text, at);
  }
}

function nextLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end + 1;
}

/** The one names the recipient as it was, the other as it is now; both of one group torn apart by an empty line. */
function completes(last: HeaderSection, group: HeaderSection): boolean {
  const other = group.has('final-recipient') ? 'original-recipient' : 'final-recipient';
  return last.has(other) && !group.has(other) && !last.has('action') && !last.has('status') && last.fields.length <= 2;
}

function joined(one: HeaderSection, other: HeaderSection): HeaderSection {
  return new HeaderSection([...one.fields, ...other.fields]);
}

function splitAtRecipients(section: HeaderSection): HeaderSection[] {
  const groups: HeaderSection['fields'][number][][] = [[]];
  for (const field of section.fields) {
    const current = groups.at(-1) ?? [];
    const repeats = NAMES_RECIPIENT.test(field.name) && current.some(({ name }) => name === field.name);
    // Fields about the message run straight into the first recipient's.
    const begins = NAMES_RECIPIENT.test(field.name) && !current.some(({ name }) => OF_RECIPIENT.test(name));
    if (repeats || (begins && current.length > 0)) groups.push([field]);
    else current.push(field);
  }
  return groups.map((fields) => new HeaderSection(fields));
}
