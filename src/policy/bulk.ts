/** When a message is bulk, and who is told apart as transactional. */

import type { BulkSign, MessageKind } from '../message/findings.js';
import type { BulkFindings, CampaignFacts, MessageFindings } from './message-facts.js';
import type { MessageFacts } from './rule.js';
import type { BulkParameters } from './rules/bulk-declaration.js';

export interface BulkEvidence {
  readonly kind: MessageKind;
  readonly isNullReversePath: boolean;
  readonly signs: readonly BulkSign[];
  readonly stream: string | null;
  readonly campaign: CampaignFacts | null;
}

/** Why it is bulk; null: it is not. A declared transactional stream never is. */
export function whyBulk(evidence: BulkEvidence, parameters: BulkParameters): BulkFindings['why'] {
  const { kind, isNullReversePath, signs, stream, campaign } = evidence;
  if (stream !== null || parameters.mail === 'transactional' || isReport(kind, isNullReversePath)) return null;
  if (signs.length > 0) return 'declared';
  if (parameters.mail === 'bulk') return 'plan';
  const reached = campaign?.reached.find(({ perMs }) => perMs === parameters.within)?.recipients ?? 0;
  return reached > parameters.recipients ? 'detected' : null;
}

/** Reports of mail systems must pass, however many there are: those are the concern of `volume.exempt`. */
export function isReport(kind: MessageKind, isNullReversePath: boolean): boolean {
  return (
    isNullReversePath && (kind === 'delivery-status' || kind === 'disposition-notification' || kind === 'auto-reply')
  );
}

/** What a rule for bulk mail judges by; null: the message is none, or was not looked at. */
export function ofBulk({ message }: MessageFacts): MessageFindings | null {
  return message !== null && message.bulk.why !== null ? message : null;
}
