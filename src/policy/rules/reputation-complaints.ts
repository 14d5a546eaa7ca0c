import { reputationRule } from '../reputation-rule.js';

export const reputationComplaints = reputationRule({
  id: 'reputation.complaints',
  measure: 'complaints',
  defaults: { minVolume: 1000, review: 0.001, stop: 0.005 },
  summary:
    'Not too many of those that an account mails in 7 days complain. A complaint that was taken back (`not-spam`) does not count.',
  stopped: {
    text: '{share} of those you mailed in 7 days complained ({complained} of {mailed} recipients): mail only who asked for it, mail flows again as the share falls',
    when: 'The share of recipients that complained reached `stop`, and has not fallen below `stop` times `release` since.',
    remedy:
      'Stop mail to everybody who did not ask for it, and make leaving easy: a one-click unsubscribe in every bulk mail. The share is of the last 7 days and falls as they pass; your provider can tell what was complained about.',
  },
});
