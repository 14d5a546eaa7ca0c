import type { LookingStore, LookRequest, Sight } from '../contract.js';
import { ofAccount, ofAccountTo, ofEveryoneTo } from '../subjects.js';
import type { WindowLimit } from '../window.js';
import type { Calls } from './calls.js';
import type { RecipientFacts } from './recipient-facts.js';
import type { Windows } from './windows.js';

interface LookingTables {
  readonly windows: Windows;
  readonly facts: RecipientFacts;
}

/** What reserving and committing would go by, read without a trace. */
export function lookingVerbs(calls: Calls, tables: LookingTables): LookingStore {
  return { look: (request) => calls.read('look', (now) => look(request, tables, now)) };
}

function look(request: LookRequest, { windows, facts }: LookingTables, now: number): Sight {
  const { account, accountLimits, floodLimits, recipients } = request;
  const contents = (subject: string, limits: readonly WindowLimit[]) =>
    limits.map((limit) => windows.content(subject, limit, now));
  return {
    now,
    account: contents(ofAccount(account), accountLimits),
    recipients: recipients.map((one) => ({
      windows: [
        ...contents(ofAccountTo(account, one.key), floodLimits.account),
        ...contents(ofEveryoneTo(one.key), floodLimits.everyone),
      ],
      ...facts.of(one, request, now),
    })),
  };
}
