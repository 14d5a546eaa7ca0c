import { findBulkSigns } from '../message/bulk-signs.js';
import { findDkimSignatures } from '../message/dkim-signatures.js';
import { fieldsNamed, firstValue } from '../message/header-fields.js';
import type { Inspection, Wish } from '../message/inspection.js';
import { mailboxesOf } from '../message/mailbox-list.js';
import { messageKind } from '../message/message-kind.js';
import { findPostalAddresses } from '../message/postal-address.js';
import { findRevocationNotice } from '../message/revocation-notice.js';
import { findSourceProblems } from '../message/source.js';
import { findSubject } from '../message/subject.js';
import { findUnsubscribe } from '../message/unsubscribe.js';
import { findRecipients } from '../message/visible-recipients.js';
import type { Words } from '../message/words.js';
import type { Address } from '../smtp/address.js';
import type { Instant } from '../store/contract.js';
import { MS } from '../units/duration.js';
import { declaredStreamOf } from './declared-stream.js';
import type { EffectivePolicy } from './effective.js';
import type { MessageFindings, MessageNeed, SenderField, SenderMailbox } from './message-facts.js';
import { messagePostalAddress } from './rules/message-postal-address.js';
import { messageRevocationNotice } from './rules/message-revocation-notice.js';
import { messageSource } from './rules/message-source.js';

export interface FoundIn {
  readonly inspection: Inspection;
  readonly recipients: readonly Address[];
  readonly reversePath: Address | null;
  readonly rules: EffectivePolicy;
  readonly words: Words;
  readonly now: Instant;
}

const FINGERPRINT: readonly MessageNeed[] = ['bulk'];
const TEXT: readonly MessageNeed[] = ['recipients', 'unsubscribe', 'notice', 'postal-address', 'scans'];

/** What an inspection must look at for these needs; null: at nothing. */
export function wishOf(needs: ReadonlySet<MessageNeed>, hasPatterns: boolean): Wish | null {
  const asks = (some: readonly MessageNeed[]) =>
    some.some((need) => needs.has(need) && (need !== 'scans' || hasPatterns));
  if (asks(FINGERPRINT)) return 'fingerprint';
  if (asks(TEXT)) return 'text';
  const rest = [...needs].filter((need) => need !== 'scans' && need !== 'listings');
  return rest.length === 0 ? null : 'structure';
}

/** Everything that the message itself tells and some rule needs, without asking anybody. */
export function findingsOf(found: FoundIn): MessageFindings {
  const { inspection, recipients, reversePath, rules, words, now } = found;
  const needs = rules.messageNeeds;
  const { header } = inspection;
  const from = mailboxesOf(header, 'from').mailboxes[0]?.address ?? null;
  const fieldValue = (name: string) => firstValue(header, name);
  const { past, future, ownHosts } = rules.parametersOf(messageSource);
  const within = rules.parametersOf(messageRevocationNotice).within / MS.h;
  return {
    kind: messageKind(inspection),
    opaque: inspection.unseen.length > 0,
    bulk: {
      why: null,
      signs: needs.has('bulk') ? findBulkSigns(inspection) : [],
      stream: needs.has('bulk') ? declaredStreamOf(rules.bulk.transactional, from, reversePath, fieldValue) : null,
      campaign: null,
    },
    mailboxes: needs.has('sender') ? senderMailboxes(inspection) : [],
    source: needs.has('source') ? findSourceProblems(inspection, { now, dateWithin: { past, future }, ownHosts }) : [],
    senderDomains: [],
    subject: needs.has('subject') ? findSubject(inspection, words) : null,
    recipients: needs.has('recipients') ? findRecipients(inspection, recipients) : [],
    unsubscribe: needs.has('unsubscribe') ? findUnsubscribe(inspection, words) : null,
    notice: needs.has('notice') ? findRevocationNotice(inspection, words, within) : null,
    postalAddresses: needs.has('postal-address')
      ? findPostalAddresses(inspection, rules.parametersOf(messagePostalAddress).addresses, words)
      : [],
    fromDomain: from?.domain ?? null,
    registration: null,
    consents: [],
    virus: null,
    spam: null,
    patterns: [],
    listings: null,
    signatures: needs.has('signatures') ? findDkimSignatures(inspection) : [],
  };
}

const SENDER_FIELDS: readonly SenderField[] = ['From', 'Sender', 'Reply-To', 'Resent-From', 'Resent-Sender'];

function senderMailboxes({ header }: Inspection): SenderMailbox[] {
  return SENDER_FIELDS.flatMap((field) => {
    if (fieldsNamed(header, field.toLowerCase()).length === 0) return [];
    const { mailboxes } = mailboxesOf(header, field.toLowerCase());
    return mailboxes.map(({ name, address, spelling }) => ({ field, name, address, spelling }));
  });
}
