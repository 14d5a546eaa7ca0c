import type { z } from 'zod';
import { levelOf, percent, shareOf, thresholdParameters } from '../reputation-level.js';
import type { MailFacts, Objection, Rule } from '../rule.js';

const parameters = thresholdParameters({ minVolume: 1000, review: 0.001, stop: 0.005 });

type Parameters = z.infer<typeof parameters>;

function judge({ reputation }: MailFacts, thresholds: Parameters): Objection | null {
  if (reputation === undefined || levelOf(reputation, 'complaints', thresholds) !== 'stop') return null;
  const share = shareOf(reputation, 'complaints');
  return {
    situation: 'stopped',
    values: { share: percent(share), complained: reputation.complained, mailed: reputation.mailed },
    evidence: { share, ...reputation },
  };
}

export const reputationComplaints: Rule<Parameters> = {
  id: 'reputation.complaints',
  summary:
    'Not too many of those that an account mails in 7 days complain. A complaint that was taken back (`not-spam`) does not count.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'in a way that could be reasonably expected to adversely impact the SmartSource Network',
  },
  parameters,
  replies: {
    stopped: {
      code: 450,
      status: '4.7.0',
      text: '{share} of those you mailed in 7 days complained ({complained} of {mailed} recipients): mail only who asked for it, mail flows again as the share falls',
      when: 'The share of recipients that complained reached `stop`, and has not fallen below `stop` times `release` since.',
      remedy:
        'Stop mail to everybody who did not ask for it, and make leaving easy: a one-click unsubscribe in every bulk mail. The share is of the last 7 days and falls as they pass; your provider can tell what was complained about.',
    },
  },
  needs: [],
  exemptible: false,
  judge: { mail: judge },
};
