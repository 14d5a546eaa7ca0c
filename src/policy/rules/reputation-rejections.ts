import { reputationRule } from '../reputation-rule.js';

export const reputationRejections = reputationRule({
  id: 'reputation.rejections',
  measure: 'rejections',
  defaults: { minVolume: 200, review: 0.05, stop: 0.1 },
  summary:
    'Not too much of what an account sends in 7 days comes back. Refusals for what is ours (blocklists, our reputation, our infrastructure) are in no share.',
  stopped: {
    text: '{share} of your mail of 7 days came back ({rejected} of {mailed} recipients): take dead addresses off your lists, mail flows again as the share falls',
    when: 'The share of recipients that rejected mail for good reached `stop`, and has not fallen below `stop` times `release` since.',
    remedy:
      'Take every address off your lists that rejected mail (your own bounces name them), and send to those only who asked for it. The share is of the last 7 days and falls as they pass; your provider can tell which addresses counted.',
  },
});
