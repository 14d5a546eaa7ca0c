import type { DecisionStore } from '../contract.js';
import type { Calls } from './calls.js';
import type { Decisions } from './decisions.js';

export function decisionVerbs(calls: Calls, decisions: Decisions): DecisionStore {
  return {
    appendDecisions: (appended, bounds) =>
      calls.write('appendDecisions', (now) => decisions.append(appended, bounds, now)),
    decisions: (query) => calls.read('decisions', () => decisions.page(query)),
  };
}
