import t from 'tap';
import { isKept } from '../../src/ledger/sampling.js';
import { objectedDecision, sampleDecision } from '../telemetry/sample-decision.js';

t.test('whatever a rule objected to is kept, and whatever did not end well', async (t) => {
  t.ok(isKept(objectedDecision(), 0), 'observed and partial objections too');
  t.ok(isKept(sampleDecision({ verdict: 'defer' }), 0));
  for (const ending of ['refused', 'aborted', 'unknown'] as const) t.ok(isKept(sampleDecision({ ending }), 0), ending);
});

t.test('of the passes a share, the same ones each time', async (t) => {
  const passes = Array.from({ length: 4_000 }, (_, i) => sampleDecision({ id: `T${i}` }));
  t.equal(passes.filter((decision) => isKept(decision, 0)).length, 0);
  t.equal(passes.filter((decision) => isKept(decision, 1)).length, 4_000);
  const quarter = passes.filter((decision) => isKept(decision, 0.25));
  t.ok(quarter.length > 800 && quarter.length < 1_200, `${quarter.length} of 4000`);
  t.ok(
    quarter.every((decision) => isKept(decision, 0.5)),
    'a larger share has the smaller one in it',
  );
});
