import type { z } from 'zod';
import { levelOf, percent, shareOf, thresholdParameters } from '../reputation-level.js';
import type { MailFacts, Objection, Rule } from '../rule.js';

const parameters = thresholdParameters({ minVolume: 200, review: 0.05, stop: 0.1 });

type Parameters = z.infer<typeof parameters>;

function judge({ reputation }: MailFacts, thresholds: Parameters): Objection | null {
  if (reputation === undefined || levelOf(reputation, 'rejections', thresholds) !== 'stop') return null;
  const share = shareOf(reputation, 'rejections');
  return {
    situation: 'stopped',
    values: { share: percent(share), rejected: reputation.rejected, mailed: reputation.mailed },
    evidence: { share, ...reputation },
  };
}

export const reputationRejections: Rule<Parameters> = {
  id: 'reputation.rejections',
  summary:
    'Not too much of what an account sends in 7 days comes back. Refusals for what is ours (blocklists, our reputation, our infrastructure) are in no share.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'in a way that could be reasonably expected to adversely impact the SmartSource Network',
  },
  parameters,
  replies: {
    stopped: {
      code: 450,
      status: '4.7.0',
      text: '{share} of your mail of 7 days came back ({rejected} of {mailed} recipients): take dead addresses off your lists, mail flows again as the share falls',
      when: 'The share of recipients that rejected mail for good reached `stop`, and has not fallen below `stop` times `release` since.',
      remedy:
        'Take every address off your lists that rejected mail (your own bounces name them), and send to those only who asked for it. The share is of the last 7 days and falls as they pass; your provider can tell which addresses counted.',
    },
  },
  needs: [],
  exemptible: false,
  judge: { mail: judge },
};
