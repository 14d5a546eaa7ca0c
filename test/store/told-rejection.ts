import type { OutcomeReport, PassedMessage, ReportPolicy } from '../../src/store/contract.js';
import { DAY, MINUTE } from './contract/times.js';

export const TIMES = { reservationTtlMs: 10 * MINUTE, sessionTtlMs: 3 * MINUTE, callTimeoutMs: MINUTE };

export const REPORT_POLICY: ReportPolicy = {
  scope: 'account',
  presumeDeliveredAfterMs: 7 * DAY,
  keepMs: 60 * DAY,
  complaints: 'account',
  revocations: 'account',
  reportWindowMs: 14 * DAY,
  keptOutcomes: 1000,
};

export const MESSAGE: PassedMessage = {
  id: 't1',
  account: 'acme',
  reversePath: 'news@acme.example',
  queueId: 'Q1',
  messageId: '<t1@acme.example>',
  envid: null,
  recipients: ['bob@example.net'],
};

export const REJECTION: OutcomeReport = {
  source: 'relay-log',
  kind: 'rejected',
  recipients: MESSAGE.recipients,
  message: { id: null, queueIds: ['Q1'], envid: null, messageId: null },
  vouched: null,
  fault: 'recipient',
  reason: 'unknown',
  status: '550 5.1.1 User unknown',
  at: null,
  ifUnmatched: 'list',
};
