/** Everything that is known about a message by itself, in one document: what `sluice inspect --json` prints. */

import type { Address } from '../smtp/address.js';
import { MS } from '../units/duration.js';
import { findBulkSigns } from './bulk-signs.js';
import type {
  BulkSign,
  MailboxList,
  MessageKind,
  PostalAddressSign,
  RecipientFinding,
  RevocationFinding,
  SourceFinding,
  SubjectFinding,
  UnsubscribeFinding,
} from './findings.js';
import type {
  Attachment,
  Fingerprint,
  HeaderDefect,
  Image,
  Inspection,
  Link,
  Part,
  TextPart,
  Unseen,
} from './inspection.js';
import { mailboxesOf } from './mailbox-list.js';
import { messageKind } from './message-kind.js';
import { findPostalAddresses } from './postal-address.js';
import { findRevocationNotice } from './revocation-notice.js';
import { findSourceProblems } from './source.js';
import { findSubject } from './subject.js';
import { findUnsubscribe } from './unsubscribe.js';
import { findRecipients } from './visible-recipients.js';
import type { Words } from './words.js';

export interface ReportContext {
  readonly recipients: readonly Address[];
  readonly words: Words;
  /** Milliseconds since 1970. */
  readonly now: number;
}

interface ReportedMailbox {
  readonly name: string;
  readonly address: string | null;
  readonly group: string | null;
}

/** A part without its header section, which for the root is the message's own. */
type ReportedPart = Omit<Part, 'header' | 'children'> & { readonly children: readonly ReportedPart[] };

export interface InspectionReport {
  readonly size: number;
  readonly kind: MessageKind;
  readonly header: {
    readonly fields: readonly { readonly name: string; readonly value: string; readonly raw: string }[];
    readonly defects: readonly HeaderDefect[];
    readonly from: readonly ReportedMailbox[];
    readonly to: readonly ReportedMailbox[];
    readonly cc: readonly ReportedMailbox[];
  };
  readonly structure: ReportedPart | null;
  /** Of all texts that are the sender's own, one after the other. */
  readonly visibleText: string;
  readonly hiddenText: string;
  readonly texts: readonly TextPart[];
  readonly links: readonly Link[];
  readonly images: readonly Image[];
  readonly attachments: readonly Attachment[];
  readonly fingerprints: readonly Fingerprint[];
  readonly bulk: { readonly declared: boolean; readonly signs: readonly BulkSign[] };
  readonly unsubscribe: UnsubscribeFinding;
  readonly revocationNotice: RevocationFinding;
  readonly recipients: readonly (RecipientFinding & { readonly address: string })[];
  readonly subject: SubjectFinding;
  readonly postalAddresses: readonly PostalAddressSign[];
  readonly source: readonly SourceFinding[];
  /** By rule, what it might object to, in sentences; whether it does depends on its settings, and for many on whether the message is bulk. */
  readonly findings: Readonly<Record<string, readonly string[]>>;
  readonly exceeded: readonly string[];
  readonly unseen: readonly Unseen[];
}

const DATE_WITHIN = { past: 7 * MS.d, future: MS.d };

export function reportOf(inspection: Inspection, { recipients, words, now }: ReportContext): InspectionReport {
  const { header, texts } = inspection;
  const own = texts.filter(({ embedded }) => !embedded);
  const signs = findBulkSigns(inspection);
  const known = {
    unsubscribe: findUnsubscribe(inspection, words),
    revocationNotice: findRevocationNotice(inspection, words),
    recipients: findRecipients(inspection, recipients).map((finding) => ({ address: finding.key, ...finding })),
    subject: findSubject(inspection, words),
    postalAddresses: findPostalAddresses(inspection, [], words),
    source: findSourceProblems(inspection, { now, dateWithin: DATE_WITHIN }),
  };
  return {
    size: inspection.size,
    kind: messageKind(inspection),
    header: {
      fields: header.fields.map(({ name, value, raw }) => ({ name, value, raw })),
      defects: header.defects,
      from: reported(mailboxesOf(header, 'from')),
      to: reported(mailboxesOf(header, 'to')),
      cc: reported(mailboxesOf(header, 'cc')),
    },
    structure: inspection.structure === null ? null : withoutHeader(inspection.structure),
    visibleText: joined(own.map(({ visible }) => visible)),
    hiddenText: joined(own.map(({ hidden }) => hidden)),
    texts,
    links: inspection.links,
    images: inspection.images,
    attachments: inspection.attachments,
    fingerprints: inspection.fingerprints,
    bulk: { declared: signs.length > 0, signs },
    ...known,
    findings: findingsOf(known, signs.length > 0),
    exceeded: inspection.exceeded,
    unseen: inspection.unseen,
  };
}

type Known = Pick<
  InspectionReport,
  'unsubscribe' | 'revocationNotice' | 'recipients' | 'subject' | 'postalAddresses' | 'source'
>;

function findingsOf(known: Known, declaredBulk: boolean): Readonly<Record<string, readonly string[]>> {
  return {
    'account.sender': known.source.filter(({ problem }) => problem === 'display-name-address').map(sentenceOf),
    'message.source': known.source.filter(({ problem }) => problem !== 'display-name-address').map(sentenceOf),
    'message.recipient-visible': known.recipients
      .filter(({ visible }) => !visible)
      .map(({ address }) => `${address} is neither in To nor in the visible text`),
    'message.unsubscribe': unsubscribeFindings(known.unsubscribe),
    'message.revocation-notice': revocationFindings(known.revocationNotice),
    'message.subject': subjectFindings(known.subject, declaredBulk),
    'message.postal-address':
      known.postalAddresses.length > 0 ? [] : ['nothing in the visible text looks like a postal address'],
  };
}

function sentenceOf({ field, detail }: SourceFinding): string {
  return field === null ? detail : `${field}: ${detail}`;
}

function unsubscribeFindings({ means, found }: UnsubscribeFinding): readonly string[] {
  const broken = means.flatMap(({ kind, value, problem }) =>
    problem === null ? [] : [`${kind}${value === '' ? '' : ` ${value.slice(0, 100)}`}: ${problem}`],
  );
  return found ? broken : ['no way to leave that works was found', ...broken];
}

function revocationFindings({ notices, found, longer }: RevocationFinding): readonly string[] {
  const findings: string[] = [];
  if (notices.length === 0) findings.push('nothing says how soon leaving takes effect');
  else if (!found && longer === null) findings.push('it says that leaving takes effect, and not how soon');
  if (longer !== null)
    findings.push(`it says that leaving takes ${longer.hours} hours, longer than 48: ${longer.sentence}`);
  return findings;
}

function subjectFindings(subject: SubjectFinding, declaredBulk: boolean): readonly string[] {
  const findings: string[] = [];
  if (subject.subject === null) findings.push('there is no Subject');
  else if (subject.empty) findings.push('the subject is empty');
  const prefix = subject.replyPrefix ?? subject.forwardPrefix;
  if (prefix !== null && !subject.threaded && (subject.replyPrefix !== null || declaredBulk))
    findings.push(`it begins with ${prefix}: and refers to no message`);
  return [...findings, ...subject.oddities.map((oddity) => `oddity: ${oddity}`)];
}

function reported({ mailboxes }: MailboxList): readonly ReportedMailbox[] {
  return mailboxes.map(({ name, address, group }) => ({ name, address: address?.key ?? null, group }));
}

function withoutHeader({ header: _header, children, ...part }: Part): ReportedPart {
  return { ...part, children: children.map(withoutHeader) };
}

function joined(texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n\n');
}
