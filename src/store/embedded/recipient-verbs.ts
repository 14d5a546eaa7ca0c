import type { OutcomeStore, RevocationStore, SuppressionStore } from '../contract.js';
import type { Calls } from './calls.js';
import type { Outcomes } from './outcomes.js';
import type { Revocations } from './revocations.js';
import type { Suppressions } from './suppressions.js';

interface RecipientTables {
  readonly suppressions: Suppressions;
  readonly revocations: Revocations;
  readonly outcomes: Outcomes;
}

/** Why mail to an address may be unwanted: suppressed, revoked, rejected time and again. */
export function recipientVerbs(
  calls: Calls,
  { suppressions, revocations, outcomes }: RecipientTables,
): SuppressionStore & RevocationStore & OutcomeStore {
  return {
    suppress: (added) =>
      calls.write('suppress', (now) => {
        for (const suppression of added) suppressions.put(suppression, now);
      }),
    unsuppress: (key, account) => calls.write('unsuppress', (now) => suppressions.remove(key, account, now)),
    suppressionsOf: (request) => calls.read('suppressionsOf', (now) => suppressions.all(request, now)),
    suppressions: (query) => calls.read('suppressions', (now) => suppressions.page(query, now)),

    revoke: ({ subscription, ...revocation }) =>
      calls.write('revoke', (now) =>
        revocations.put({ ...revocation, at: revocation.at ?? now }, subscription ?? null),
      ),
    liftRevocation: (key, account) => calls.write('liftRevocation', () => revocations.remove(key, account)),
    subscriptionRevocationsOf: (account, keys) =>
      calls.read('subscriptionRevocationsOf', () => keys.map((key) => revocations.ofParts(key, account))),

    recordOutcome: (outcome, policy) => calls.write('recordOutcome', (now) => outcomes.record(outcome, policy, now)),
    rejectionsOf: (key) => calls.read('rejectionsOf', (now) => outcomes.all(key, now)),
    forgetRejections: (key, account) => calls.write('forgetRejections', (now) => outcomes.forget(key, account, now)),
  };
}
