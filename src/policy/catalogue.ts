/**
 * Every rule, in the order in which objections of equal weight are heard. A rule
 * is added by its file, its line here and its test; docs, config schema, metrics
 * and the table of replies follow from it.
 */

import type { Rule } from './rule.js';
import { accountAuthGuessing } from './rules/account-auth-guessing.js';
import { accountSender } from './rules/account-sender.js';
import { accountStanding } from './rules/account-standing.js';
import { bulkApproval } from './rules/bulk-approval.js';
import { bulkDeclaration } from './rules/bulk-declaration.js';
import { domainRegistration } from './rules/domain-registration.js';
import { floodCampaign } from './rules/flood-campaign.js';
import { floodRecipient } from './rules/flood-recipient.js';
import { messageContent } from './rules/message-content.js';
import { messagePostalAddress } from './rules/message-postal-address.js';
import { messageRecipientVisible } from './rules/message-recipient-visible.js';
import { messageRevocationNotice } from './rules/message-revocation-notice.js';
import { messageSource } from './rules/message-source.js';
import { messageSubject } from './rules/message-subject.js';
import { messageUnsubscribe } from './rules/message-unsubscribe.js';
import { providerRequirements } from './rules/provider-requirements.js';
import { recipientConsent } from './rules/recipient-consent.js';
import { recipientRejections } from './rules/recipient-rejections.js';
import { recipientRevoked } from './rules/recipient-revoked.js';
import { recipientSuppressed } from './rules/recipient-suppressed.js';
import { reputationBlocklist } from './rules/reputation-blocklist.js';
import { reputationComplaints } from './rules/reputation-complaints.js';
import { reputationRejections } from './rules/reputation-rejections.js';
import { storageSelfMail } from './rules/storage-self-mail.js';
import { volumeBytes } from './rules/volume-bytes.js';
import { volumeConnections } from './rules/volume-connections.js';
import { volumeExempt } from './rules/volume-exempt.js';
import { volumeMessages } from './rules/volume-messages.js';
import { volumeRecipients } from './rules/volume-recipients.js';
import { volumeRecipientsPerMessage } from './rules/volume-recipients-per-message.js';
import { volumeWarmUp } from './rules/volume-warm-up.js';

export const CATALOGUE: readonly Rule[] = [
  listed(accountStanding),
  listed(accountSender),
  listed(accountAuthGuessing),
  listed(reputationComplaints),
  listed(reputationRejections),
  listed(recipientSuppressed),
  listed(recipientRevoked),
  listed(recipientRejections),
  listed(floodRecipient),
  listed(volumeRecipientsPerMessage),
  listed(volumeWarmUp),
  listed(volumeRecipients),
  listed(volumeMessages),
  listed(volumeBytes),
  listed(volumeExempt),
  listed(storageSelfMail),
  listed(volumeConnections),
  listed(messageContent),
  listed(messageSource),
  listed(bulkApproval),
  listed(domainRegistration),
  listed(messageRecipientVisible),
  listed(messageUnsubscribe),
  listed(messageRevocationNotice),
  listed(messageSubject),
  listed(messagePostalAddress),
  listed(recipientConsent),
  listed(providerRequirements),
  listed(bulkDeclaration),
  listed(floodCampaign),
  listed(reputationBlocklist),
];

/**
 * Forgets the type of a rule's parameters, so that rules fit one list. Sound as
 * long as a rule gets parameters that its own schema made (`effective.ts`).
 */
function listed<P>(rule: Rule<P>): Rule {
  return rule as unknown as Rule;
}
