import { z } from 'zod';
import { ofBulk } from '../bulk.js';
import type { MessageFindings } from '../message-facts.js';
import { isAligned } from '../organizational-domain.js';
import { PROVIDERS, type Provider, type Requirement } from '../providers.js';
import { percent, shareOf } from '../reputation-level.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';

/** What a message shows, and what becomes of the account's mail. */
type Asked = Requirement | 'complaint-rate';

const REQUIREMENTS: readonly Asked[] = [
  'one-click',
  'signed-unsubscribe',
  'visible-unsubscribe',
  'dkim',
  'aligned',
  'well-formed',
  'complaint-rate',
];

const parameters = z.strictObject({
  signer: z
    .enum(['client', 'relay'])
    .default('relay')
    .describe(
      'Who signs with DKIM: the `client`, so that signatures are there to be judged, or the `relay` behind Sluice, so that none is.',
    ),
  ignore: z
    .array(z.enum(REQUIREMENTS as [Asked, ...Asked[]]))
    .default([])
    .describe('Requirements that pass.'),
  minVolume: z
    .int()
    .min(1)
    .default(1000)
    .describe(
      'Recipients mailed in 7 days below which the complaint rate is not judged. It is that of all mail of the account, of which Sluice hears by `feedback`; what a provider counts for itself only the provider knows.',
    ),
});

type Parameters = z.infer<typeof parameters>;

const WORDS: Readonly<Record<Requirement, string>> = {
  'one-click': 'one-click unsubscription (List-Unsubscribe with https and List-Unsubscribe-Post, RFC 8058)',
  'signed-unsubscribe': 'a DKIM signature over List-Unsubscribe and List-Unsubscribe-Post',
  'visible-unsubscribe': 'a link for unsubscribing in the text',
  dkim: 'a DKIM signature',
  aligned: 'a From domain that MAIL FROM or the DKIM signature shares',
  'well-formed': 'a header by RFC 5322',
};

function judge(facts: MessageFacts, asked: Parameters): Objection | null {
  const { signer, ignore } = asked;
  const bulk = ofBulk(facts);
  if (bulk === null) return null;
  for (const provider of PROVIDERS) {
    const recipient = facts.recipients.find(({ domain }) => provider.domains.includes(domain));
    if (recipient === undefined) continue;
    const complained = tooManyComplaints(provider, facts, asked);
    if (complained !== null) return complained;
    const unmet = unmetOf(provider, bulk, facts, signer).filter((requirement) => !ignore.includes(requirement));
    const [first] = unmet;
    if (first === undefined) continue;
    return {
      situation: 'unmet',
      values: { provider: provider.name, requirement: WORDS[first] },
      evidence: { provider: provider.id, unmet, recipient: recipient.key },
    };
  }
  return null;
}

/** Does the rule, with these parameters, go by what recipients complained of? */
export function asksForComplaints({ ignore }: Parameters): boolean {
  return !ignore.includes('complaint-rate');
}

function tooManyComplaints(
  { id, name, complaints }: Provider,
  { reputation }: MessageFacts,
  asked: Parameters,
): Objection | null {
  if (reputation === undefined || complaints === null || !asksForComplaints(asked)) return null;
  const share = shareOf(reputation, 'complaints');
  if (reputation.mailed < asked.minVolume || share < complaints.below) return null;
  const { complained, mailed } = reputation;
  return {
    situation: 'complaints',
    values: { provider: name, below: percent(complaints.below), share: percent(share), complained, mailed },
    evidence: { provider: id, below: complaints.below, share, complained, mailed },
  };
}

function unmetOf(
  { requirements }: Provider,
  bulk: MessageFindings,
  { reversePath }: MessageFacts,
  signer: Parameters['signer'],
): Requirement[] {
  const { signatures, unsubscribe, fromDomain } = bulk;
  const ownSignatures = signatures.filter(({ domain }) => fromDomain !== null && isAligned(domain, fromDomain));
  const covers = (field: string) => ownSignatures.some(({ fields }) => fields.includes(field));
  const isMet: Readonly<Record<Requirement, boolean>> = {
    'one-click': unsubscribe?.oneClick ?? false,
    'signed-unsubscribe': signer === 'relay' || (covers('list-unsubscribe') && covers('list-unsubscribe-post')),
    'visible-unsubscribe':
      bulk.opaque || (unsubscribe?.means.some(({ kind, problem }) => kind === 'link' && problem === null) ?? false),
    dkim: signer === 'relay' || signatures.length > 0,
    aligned:
      fromDomain !== null &&
      (signer === 'relay' ||
        ownSignatures.length > 0 ||
        (reversePath !== null && isAligned(reversePath.domain, fromDomain))),
    'well-formed': bulk.source.every(
      ({ problem }) => problem !== 'missing' && problem !== 'duplicated' && problem !== 'malformed',
    ),
  };
  return requirements.map(({ requirement }) => requirement).filter((requirement) => !isMet[requirement]);
}

export const providerRequirements: Rule<Parameters> = {
  id: 'provider.requirements',
  summary: 'Bulk mail to Gmail, Yahoo and Outlook.com is as these ask of bulk senders.',
  clause: {
    section: 'E-Mail Requirements',
    text: '(b) send or receive email messages in a manner that violates the use policies of any other internet service provider,',
  },
  parameters,
  replies: {
    unmet: {
      code: 554,
      status: '5.7.1',
      text: '{provider} asks of bulk mail {requirement}',
      when: 'A recipient is at one of the providers, and the message lacks what the provider asks of bulk senders (`src/policy/providers.ts` has them, with sources and dates).',
      remedy: 'Repair what the reply names.',
    },
    complaints: {
      code: 451,
      status: '4.7.0',
      text: '{provider} asks of bulk senders a complaint rate below {below}, yours is {share} ({complained} of {mailed} recipients in 7 days)',
      when: "A recipient is at a provider that names a rate, and the share of the account's recipients of 7 days that complained reached it (`feedback` tells of complaints; `minVolume`).",
      remedy:
        'Stop mail to everybody who did not ask for it, and make leaving easy. The share is of the last 7 days and falls as they pass.',
    },
  },
  needs: [],
  messageNeeds: () => ['bulk', 'unsubscribe', 'source', 'signatures', 'sender'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
