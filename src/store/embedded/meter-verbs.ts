import type { MeterStore } from '../contract.js';
import type { Calls } from './calls.js';
import type { Sessions } from './sessions.js';
import type { Windows } from './windows.js';

interface MeterTables {
  readonly windows: Windows;
  readonly sessions: Sessions;
}

/** Counts without holds, and open sessions. */
export function meterVerbs(calls: Calls, { windows, sessions }: MeterTables): MeterStore {
  return {
    charge: (subject, limits, amount) =>
      calls.write('charge', (now) => {
        const view = windows.at(now);
        const usage = limits.map((limit) => view.usage(subject, limit, amount));
        view.charge(subject, limits, () => amount);
        return usage.map((use) => ({ ...use, used: view.used(subject, use.limit) }));
      }),
    meters: (asked) =>
      calls.read('meters', (now) => asked.map(({ subject, limits }) => windows.usage(subject, limits, now))),
    openSession: (request) => calls.write('openSession', (now) => sessions.open(request, now)),
    renewSessions: (renewed) =>
      calls.write('renewSessions', (now) => {
        for (const session of renewed) sessions.renew(session, now);
      }),
    closeSession: (session) => calls.write('closeSession', () => sessions.close(session)),
  };
}
