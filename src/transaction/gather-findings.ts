import type { Lookups, PatternTexts } from '../lookup/contract.js';
import { fieldsNamed, firstValue } from '../message/header-fields.js';
import type { Inspection } from '../message/inspection.js';
import { subscriptionIdIn } from '../message/passing-header.js';
import { findRegisteredAddresses } from '../message/postal-address.js';
import { isReport, whyBulk } from '../policy/bulk.js';
import { sightingOf } from '../policy/campaign-sighting.js';
import { type FoundIn, findingsOf } from '../policy/findings-of.js';
import { isStreamName, mailStream } from '../policy/mail-stream.js';
import type { BulkFindings, CampaignFacts, MessageFindings } from '../policy/message-facts.js';
import { reputationBlocklist } from '../policy/rules/reputation-blocklist.js';
import type {
  AccountId,
  CampaignAnswer,
  CampaignSighting,
  Consent,
  RegisteredDomain,
  Store,
  SubscriptionRevocation,
  Subscriptions,
} from '../store/contract.js';

/** Who is asked. An explanation counts nothing and brings its own `sightCampaign`. */
export interface FindingSources {
  readonly store: Pick<Store, 'sightCampaign' | 'registeredDomain' | 'consentsOf' | 'subscriptionRevocationsOf'>;
  readonly lookups: Pick<Lookups, 'mailDomain' | 'listings' | 'patterns'>;
}

export interface GatherInputs extends FoundIn {
  readonly account: AccountId;
  /** What the scanners said. */
  readonly scanned: Pick<MessageFindings, 'virus' | 'spam'>;
}

/** A registered domain stands for those below it: so many levels are asked about. */
const MOST_PARENTS = 6;

/**
 * All that is to be known of a message before it is judged. What the store and
 * the DNS are asked goes out in one turn; only consents of bulk that is not
 * declared wait until it is known to be bulk.
 */
export async function gatherFindings(inputs: GatherInputs, sources: FindingSources): Promise<MessageFindings> {
  const { rules, inspection, account, recipients, scanned } = inputs;
  const needs = rules.messageNeeds;
  const found = findingsOf(inputs);
  const early = whyBulk(evidenceOf(inputs, found, null), rules.bulk);
  const askConsents = () =>
    sources.store.consentsOf(
      account,
      recipients.map(({ key }) => key),
    );
  const [campaign, registration, earlyConsents, senderDomains, listings, left] = await Promise.all([
    needs.has('bulk') ? sight(inputs, found, early, sources) : null,
    needs.has('registration') ? registered(inputs, found, sources) : null,
    needs.has('consent') && early !== null ? askConsents() : null,
    needs.has('sender-domain') ? senderDomainsOf(inputs, found, sources) : [],
    needs.has('listings') ? listingsFor(inputs, sources) : null,
    needs.has('subscriptions-left') ? revocationsOf(inputs, sources) : null,
  ]);
  const why = whyBulk(evidenceOf(inputs, found, campaign), rules.bulk);
  const consents: readonly (Consent | null)[] =
    earlyConsents ?? (needs.has('consent') && why !== null ? await askConsents() : []);
  return {
    ...found,
    bulk: { ...found.bulk, why, campaign },
    registration,
    postalAddresses: withRegistered(inspection, found, registration),
    consents,
    ...(left === null ? {} : { subscriptionsLeft: goneAgainst(left, inputs, why !== null) }),
    senderDomains,
    listings,
    ...scanned,
    patterns: needs.has('scans') ? (sources.lookups.patterns?.(textsOf(inspection)) ?? []) : [],
  };
}

function evidenceOf({ reversePath }: GatherInputs, { kind, bulk }: MessageFindings, campaign: CampaignFacts | null) {
  return { kind, isNullReversePath: reversePath === null, signs: bulk.signs, stream: bulk.stream, campaign };
}

async function sight(
  { account, recipients, inspection, rules, reversePath }: GatherInputs,
  { kind, bulk }: MessageFindings,
  early: BulkFindings['why'],
  { store }: FindingSources,
): Promise<CampaignFacts | null> {
  if (isReport(kind, reversePath === null) || bulk.stream !== null) return null;
  const sighting = sightingOf({ account, recipients, inspection, isDeclared: early !== null }, rules);
  return sighting === null ? null : campaignFacts(sighting, await store.sightCampaign(sighting));
}

function campaignFacts({ windowsMs }: CampaignSighting, answer: CampaignAnswer): CampaignFacts {
  const { id, state, messages } = answer.campaign;
  const reached = windowsMs.map((perMs, index) => ({ perMs, recipients: answer.recipients[index] ?? 0 }));
  return { id, state, ofAccount: answer.ofAccount, messages, reached };
}

function registered(
  { account }: GatherInputs,
  { fromDomain }: MessageFindings,
  { store }: FindingSources,
): Promise<RegisteredDomain | null> | null {
  if (fromDomain === null) return null;
  const labels = fromDomain.split('.');
  const parents = labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
  return store.registeredDomain(account, [...parents.slice(0, 1), ...parents.slice(1).slice(-MOST_PARENTS)]);
}

function senderDomainsOf({ reversePath }: GatherInputs, { fromDomain }: MessageFindings, { lookups }: FindingSources) {
  const domains = new Set(
    [fromDomain, reversePath?.domain ?? null].filter((domain) => domain !== null && domain !== ''),
  );
  return Promise.all([...(domains as Set<string>)].map((domain) => lookups.mailDomain(domain)));
}

function revocationsOf({ account, recipients }: GatherInputs, { store }: FindingSources) {
  return store.subscriptionRevocationsOf(
    account,
    recipients.map(({ key }) => key),
  );
}

function subscriptionsOf({ inspection: { header }, reversePath, rules }: GatherInputs): Subscriptions {
  const [, id] = /<([^<>]*)>\s*$/.exec(firstValue(header, 'list-id') ?? '') ?? [];
  return { list: subscriptionIdIn(id), stream: mailStream(header, reversePath, rules.revocations) };
}

/**
 * Bulk mail that names no list may be of any, and so for streams: or leaving out
 * the name would be the way around. What was left under a name that no mail has
 * any more may be called otherwise by now.
 */
function goneAgainst(
  left: readonly (readonly SubscriptionRevocation[])[],
  inputs: GatherInputs,
  isBulk: boolean,
): readonly (SubscriptionRevocation | null)[] {
  const named = subscriptionsOf(inputs);
  const { revocations: naming } = inputs.rules;
  const names = ({ subscription: { kind, name } }: SubscriptionRevocation) => named[kind] === name;
  const mayBeOf = ({ subscription: { kind, name } }: SubscriptionRevocation) =>
    named[kind] === null || (kind === 'stream' && !isStreamName(name, naming));
  return left.map((of) => of.find(names) ?? (isBulk ? of.find(mayBeOf) : null) ?? null);
}

function listingsFor({ rules }: GatherInputs, { lookups }: FindingSources) {
  const { addresses, zones } = rules.parametersOf(reputationBlocklist);
  return lookups.listings(addresses, zones);
}

/** The address that came with the domain was not known when the text was looked through. */
function withRegistered(inspection: Inspection, found: MessageFindings, registration: RegisteredDomain | null) {
  const address = registration?.postalAddress ?? null;
  if (address === null) return found.postalAddresses;
  return [...findRegisteredAddresses(inspection, [address]), ...found.postalAddresses];
}

function textsOf({ header, texts, links }: Inspection): PatternTexts {
  return {
    subject: fieldsNamed(header, 'subject').map(({ value }) => value),
    from: fieldsNamed(header, 'from').map(({ value }) => value),
    text: texts.map(({ visible }) => visible),
    link: links.map(({ url }) => url),
  };
}
