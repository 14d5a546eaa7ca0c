/** A decision as the door makes one, for tests of what is done with decisions. */

import type { Decision } from '../../src/ledger/decision.js';

export function sampleDecision(changes: Partial<Decision> = {}): Decision {
  return {
    id: 'T1',
    at: 1_764_000_000_000,
    stage: 'message',
    session: 'S1',
    listener: 'submission',
    client: '192.0.2.1',
    account: 'acme',
    plan: 'small',
    username: 'anna@acme.example',
    reversePath: 'news@acme.example',
    recipients: [
      {
        address: 'Bob@Example.net',
        verdict: 'pass',
        reply: '250 2.1.5 Ok',
        by: 'relay',
        objections: [],
        facts: {
          now: 1_763_999_999_990,
          position: 1,
          exempt: false,
          usage: [],
          flood: { account: 0, everyone: 0 },
          suppression: null,
          revocation: null,
          rejections: null,
        },
      },
    ],
    objections: [],
    verdict: 'pass',
    ending: 'accepted',
    reply: '250 2.0.0 Ok: queued as 4abc',
    by: 'relay',
    queueId: '4abc',
    size: 1234,
    declaredSize: null,
    mailAt: 1_763_999_999_988,
    messageAt: 1_763_999_999_999,
    asked: {
      facts: ['suppression', 'revocation', 'rejections'],
      streakScope: 'account',
      matchSubaddress: false,
      message: [],
    },
    messageUsage: [],
    message: null,
    accountState: null,
    reputation: null,
    skipped: false,
    durationMs: 12.4,
    ...changes,
  };
}

/** One recipient suppressed (enforced), one over a limit that is only observed. */
export function objectedDecision(changes: Partial<Decision> = {}): Decision {
  const { recipients } = sampleDecision();
  const [passed] = recipients;
  if (passed === undefined) throw new Error('the sample has a recipient');
  return sampleDecision({
    id: 'T2',
    recipients: [
      {
        ...passed,
        objections: [
          {
            rule: 'volume.recipients',
            stage: 'recipient',
            mode: 'observe',
            verdict: 'defer',
            situation: 'over',
            reply: '450 4.7.0 [volume.recipients] too many',
            evidence: { used: 11, limit: 10 },
          },
        ],
      },
      {
        ...passed,
        address: 'carl@example.org',
        verdict: 'reject',
        reply: '550 5.7.1 [recipient.suppressed] carl@example.org is suppressed',
        by: 'sluice',
        objections: [
          {
            rule: 'recipient.suppressed',
            stage: 'recipient',
            mode: 'enforce',
            verdict: 'reject',
            situation: 'suppressed',
            reply: '550 5.7.1 [recipient.suppressed] carl@example.org is suppressed',
            evidence: { reason: 'complained', chain: [{ deep: [1, null, true] }] },
          },
        ],
      },
    ],
    ...changes,
  });
}
