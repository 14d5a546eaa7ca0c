import { createHash } from 'node:crypto';
import { firstValue } from '../message/header-fields.js';
import type { Fingerprint, Inspection } from '../message/inspection.js';
import { ALIKE, likeness, MIN_FEATURES } from '../message/likeness.js';
import type { Address } from '../smtp/address.js';
import type { AccountId, CampaignSighting } from '../store/contract.js';
import type { EffectivePolicy } from './effective.js';
import { floodCampaign } from './rules/flood-campaign.js';

type Mark = Pick<Fingerprint, 'of' | 'signature'>;

const MOST_MARKS = 64;

export interface SightedMessage {
  readonly account: AccountId;
  readonly recipients: readonly Address[];
  readonly inspection: Inspection;
  /** It says itself that it is bulk, or all of the account's is: to be listed from its first recipient on. */
  readonly isDeclared: boolean;
}

/**
 * What the store is told of a message to find the messages alike. Null for one
 * that says too little to be told from others: `your code is 123456` is alike
 * too many. A declared mailing is then known by its list and subject.
 */
export function sightingOf(message: SightedMessage, rules: EffectivePolicy): CampaignSighting | null {
  const { account, recipients, inspection, isDeclared } = message;
  const { header, fingerprints } = inspection;
  const telling = fingerprints.filter(({ features }) => features >= MIN_FEATURES);
  if (telling.length === 0 && !isDeclared) return null;
  const marks = telling.flatMap(({ of, bands }) => bands.map((band) => `${of}:${band}`)).slice(0, MOST_MARKS);
  const own: readonly Mark[] = telling.map(({ of, signature }) => ({ of, signature }));
  const { limits } = rules.parametersOf(floodCampaign);
  const thresholds = [rules.bulk.recipients, ...limits.map(({ count }) => count)];
  return {
    account,
    marks: marks.length > 0 ? marks : [byListAndSubject(inspection)],
    signature: JSON.stringify(own),
    isAlike: (signature) => areAlike(own, signature),
    recipients: recipients.map(({ key }) => key),
    windowsMs: [rules.bulk.within, ...limits.map(({ perMs }) => perMs)],
    countTo: Math.max(...thresholds) + 1,
    keepFrom: isDeclared ? 1 : rules.bulk.recipients + 1,
    keepMs: rules.bulk.keep,
    subject: firstValue(header, 'subject') ?? '',
    sender: firstValue(header, 'from') ?? '',
  };
}

function areAlike(own: readonly Mark[], signature: string): boolean {
  const others = JSON.parse(signature) as readonly Mark[];
  // Both too short to have a fingerprint: the mark says all there is.
  if (own.length === 0 || others.length === 0) return own.length === others.length;
  return own.some((one) => others.some((other) => one.of === other.of && likeness(one, other) >= ALIKE));
}

function byListAndSubject({ header }: Inspection): string {
  const list = firstValue(header, 'list-id') ?? firstValue(header, 'from') ?? '';
  const subject = (firstValue(header, 'subject') ?? '').replace(/\d+/g, '0');
  return `s:${createHash('sha256').update(`${list}\n${subject}`).digest('base64url').slice(0, 20)}`;
}
