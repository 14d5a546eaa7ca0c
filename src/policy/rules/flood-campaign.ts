import { z } from 'zod';
import { durationInWords } from '../../units/duration.js';
import { ratesSchema } from '../../units/rate.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';

const parameters = z.strictObject({
  limits: ratesSchema()
    .prefault(['10000/1h'])
    .describe('Messages alike reach at most so many distinct recipients in any window of that length.'),
  approved: z
    .enum(['pass', 'count'])
    .default('pass')
    .describe('Whether campaigns that were approved (`sluice campaigns approve`) pass or count as others do.'),
});

type Parameters = z.infer<typeof parameters>;

function judge({ message }: MessageFacts, { limits, approved }: Parameters): Objection | null {
  const campaign = message?.bulk.campaign;
  if (campaign === null || campaign === undefined) return null;
  if (approved === 'pass' && (campaign.state === 'approved' || campaign.ofAccount === 'approved')) return null;
  for (const { count, perMs } of limits) {
    const reached = campaign.reached.find((window) => window.perMs === perMs)?.recipients ?? 0;
    if (reached <= count) continue;
    return {
      situation: 'flood',
      values: { limit: count, per: durationInWords(perMs), reached, campaign: campaign.id },
      evidence: { campaign: campaign.id, limit: count, perMs, reached, messages: campaign.messages },
    };
  }
  return null;
}

export const floodCampaign: Rule<Parameters> = {
  id: 'flood.campaign',
  summary: 'The same content does not go to very many recipients in a short time.',
  clause: {
    section: 'System and Network Security',
    text: 'Attempting to interfere with service to any user, host or network, including, without limitation, via means of deliberate attempts to overload a system, flooding, mail bombing, broadcast attacks, or crashing;',
  },
  parameters,
  replies: {
    flood: {
      code: 451,
      status: '4.7.28',
      text: 'Messages like this one reached {limit} recipients in {per}, please try again later',
      when: 'Messages alike (campaign) reached as many distinct recipients in a window as they may.',
      remedy: 'Nothing: a mail server tries again by itself. Spread large mailings, or have the campaign approved.',
    },
  },
  needs: [],
  messageNeeds: () => ['bulk'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
