import { type Address, foldLocal } from '../smtp/address.js';
import { parseAddress } from '../smtp/path.js';
import { parseDateTime } from './date-time.js';
import type { Mailbox, MailboxList, SourceFinding, SourceProblem } from './findings.js';
import { fieldsNamed } from './header-fields.js';
import { unfold } from './header-section.js';
import type { HeaderDefectKind, HeaderSection, Inspection } from './inspection.js';
import { mailboxesOf } from './mailbox-list.js';

export interface SourceContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A Date further off than this is a finding, milliseconds. */
  readonly dateWithin: { readonly past: number; readonly future: number };
  /** Host names, lower case, that only our own hosts write in Received and Authentication-Results. */
  readonly ownHosts?: readonly string[];
}

const REQUIRED = ['From', 'Date', 'Message-ID'];
/** RFC 5322 §3.6 and RFC 2045 §3: at most one of each. */
const SINGLE = [
  'From',
  'Sender',
  'Reply-To',
  'To',
  'Cc',
  'Bcc',
  'Message-ID',
  'In-Reply-To',
  'References',
  'Subject',
  'Date',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
];
const SMUGGLING: ReadonlySet<HeaderDefectKind> = new Set([
  'space-before-colon',
  'bare-cr',
  'bare-lf',
  'nul',
  'blank-fold',
  'leading-continuation',
  'fields-after-end',
]);
const SMUGGLING_WORDS: Partial<Readonly<Record<HeaderDefectKind, string>>> = {
  'space-before-colon': 'space before the colon',
  'bare-cr': 'a CR without LF',
  'bare-lf': 'a LF without CR',
  nul: 'a NUL',
  'blank-fold': 'a continuation line of nothing but space',
  'leading-continuation': 'the header section begins with a continuation line',
  'fields-after-end': 'more fields after the empty line',
};
const MESSAGE_ID = /^<[^<>@\s]+@(?:[^<>@\s[\]]+|\[[^<>\s[\]]*\])>$/;
const MAX_SHOWN = 100;

/** Faults of the header section that obscure where the message is from. Asks no DNS. Wish: `header`. */
export function findSourceProblems({ header }: Inspection, context: SourceContext): readonly SourceFinding[] {
  return [
    ...presence(header),
    ...authors(header),
    ...dateProblems(header, context),
    ...messageIdProblems(header),
    ...smuggling(header),
    ...forgedTraces(header, context.ownHosts ?? []),
  ];
}

/** The address that a display name shows in place of the mailbox's own; null: none. */
export function posingAddress({ name, address }: Mailbox): Address | null {
  for (const match of name.matchAll(/[^\s<>()"',;:]{1,256}@[^\s<>()"',;:@]{1,255}/g)) {
    const shown = parseAddress(match[0].replace(/[.'’]+$/, ''));
    if (shown !== null && shown.key !== address?.key) return shown;
  }
  return null;
}

function finding(problem: SourceProblem, field: string | null, detail: string): SourceFinding {
  return { problem, field, detail };
}

function presence(header: HeaderSection): readonly SourceFinding[] {
  const missing = REQUIRED.filter((name) => fieldsNamed(header, name.toLowerCase()).length === 0).map((name) =>
    finding('missing', name, `there is no ${name}`),
  );
  const duplicated = SINGLE.flatMap((name) => {
    const { length } = fieldsNamed(header, name.toLowerCase());
    return length > 1 ? [finding('duplicated', name, `there are ${length} fields ${name}`)] : [];
  });
  return [...missing, ...duplicated];
}

function authors(header: HeaderSection): readonly SourceFinding[] {
  const findings: SourceFinding[] = [];
  const from = mailboxesOf(header, 'from');
  const sender = mailboxesOf(header, 'sender');
  if (fieldsNamed(header, 'from').length > 0) findings.push(...listProblems('From', from));
  if (fieldsNamed(header, 'sender').length > 0) {
    findings.push(...listProblems('Sender', sender));
    if (sender.mailboxes.length > 1) findings.push(finding('malformed', 'Sender', 'it has several mailboxes'));
  }
  const addresses = new Set(from.mailboxes.map(({ address, spelling }) => address?.key ?? spelling));
  if (addresses.size > 1 && sender.mailboxes.length === 0)
    findings.push(
      finding(
        'several-authors',
        'From',
        `it has ${addresses.size} mailboxes and there is no Sender (RFC 5322 section 3.6.2)`,
      ),
    );
  for (const [field, list] of [
    ['From', from],
    ['Sender', sender],
    ['Reply-To', mailboxesOf(header, 'reply-to')],
  ] as const) {
    for (const mailbox of list.mailboxes) {
      const shown = posingAddress(mailbox);
      if (shown === null) continue;
      const detail = `the name says ${shown.key.slice(0, MAX_SHOWN)}, the address is ${(mailbox.address?.key ?? 'none').slice(0, MAX_SHOWN)}`;
      findings.push(finding('display-name-address', field, detail));
    }
  }
  return findings;
}

function listProblems(field: string, { mailboxes, malformed }: MailboxList): readonly SourceFinding[] {
  if (mailboxes.length === 0) return [finding('empty', field, 'it names nobody')];
  const unreadable = mailboxes.find(({ address }) => address === null);
  if (unreadable !== undefined) {
    const shown = unreadable.spelling === '' ? unreadable.name : unreadable.spelling;
    return [finding('malformed', field, `no address: ${shown.slice(0, MAX_SHOWN)}`)];
  }
  return malformed ? [finding('malformed', field, 'it is not written as RFC 5322 says')] : [];
}

function dateProblems(header: HeaderSection, { now, dateWithin }: SourceContext): readonly SourceFinding[] {
  const [date] = fieldsNamed(header, 'date');
  if (date === undefined) return [];
  const at = parseDateTime(date.value);
  if (at === null) return [finding('malformed', 'Date', `it cannot be read: ${date.value.slice(0, MAX_SHOWN)}`)];
  if (at > now + dateWithin.future)
    return [finding('date-far-off', 'Date', `it is in the future: ${date.value.slice(0, MAX_SHOWN)}`)];
  if (at < now - dateWithin.past)
    return [finding('date-far-off', 'Date', `it is long past: ${date.value.slice(0, MAX_SHOWN)}`)];
  return [];
}

function messageIdProblems(header: HeaderSection): readonly SourceFinding[] {
  const [field] = fieldsNamed(header, 'message-id');
  if (field === undefined) return [];
  const value = unfold(field.raw).trim();
  if (value === '') return [finding('empty', 'Message-ID', 'it is empty')];
  if (MESSAGE_ID.test(value)) return [];
  return [finding('malformed', 'Message-ID', `it is not <left@right>: ${field.value.slice(0, MAX_SHOWN)}`)];
}

function smuggling({ defects }: HeaderSection): readonly SourceFinding[] {
  const seen = new Set<string>();
  return defects.flatMap(({ kind, field, line }) => {
    if (!SMUGGLING.has(kind) || seen.has(`${kind} ${field}`)) return [];
    seen.add(`${kind} ${field}`);
    const where = line > 0 ? ` (line ${line} of the header section)` : '';
    return [finding('smuggling', field, `${SMUGGLING_WORDS[kind] ?? kind}${where}`)];
  });
}

/**
 * Return-Path is written at final delivery alone (RFC 5321 §4.4); what names one
 * of our own hosts as its writer was not written by it: we are behind; and a host
 * that writes results of authentication writes a Received too (RFC 8601 §5), so
 * that results without any are nobody's.
 */
function forgedTraces(header: HeaderSection, ownHosts: readonly string[]): readonly SourceFinding[] {
  const own = new Set(ownHosts);
  const passedHosts = fieldsNamed(header, 'received').length > 0;
  const findings: SourceFinding[] = [];
  for (const { key, name, value } of header.fields) {
    if (key === 'return-path') findings.push(finding('forged-trace', name, 'only the host that delivers may write it'));
    else if (key === 'received') {
      const by = /\bby\s+([a-z0-9._-]{1,255})/i.exec(value)?.[1]?.toLowerCase();
      if (by !== undefined && own.has(by)) findings.push(finding('forged-trace', name, `it says that ${by} wrote it`));
      else if (by === undefined || parseDateTime(value.slice(value.lastIndexOf(';') + 1)) === null)
        findings.push(finding('forged-trace', name, `no host writes it so: ${foldLocal(value).slice(0, MAX_SHOWN)}`));
    } else if (key === 'authentication-results' || key === 'arc-authentication-results') {
      const writer = /^\s*(?:i=\d{1,3};\s*)?([^\s;()]{1,255})/.exec(value)?.[1]?.toLowerCase();
      if (writer !== undefined && own.has(writer))
        findings.push(finding('forged-trace', name, `it says that ${writer} wrote it`));
      else if (!passedHosts)
        findings.push(finding('forged-trace', name, 'no host wrote it: there is no Received of any'));
    }
  }
  return findings.slice(0, 50);
}
