import t from 'tap';
import { judge } from '../../../src/policy/engine.js';
import { levelOf } from '../../../src/policy/reputation-level.js';
import type { Reputation, ReputationLevel } from '../../../src/store/contract.js';
import { mailFacts, policyWith, WORDS } from '../facts.js';

const THRESHOLDS = { minVolume: 200, review: 0.05, stop: 0.1, release: 0.8 };

function reputation(changes: Partial<Reputation>, level: ReputationLevel = 'good'): Reputation {
  const levels = { rejections: level, complaints: level };
  return { mailed: 1000, rejected: 0, refusedForUs: 0, complained: 0, levels, ...changes };
}

t.test('levels, with a minimum volume and hysteresis', async (t) => {
  const level = (rejected: number, before: ReputationLevel = 'good', mailed = 1000) =>
    levelOf(reputation({ rejected, mailed }, before), 'rejections', THRESHOLDS);
  t.equal(level(49), 'good');
  t.equal(level(50), 'review');
  t.equal(level(99), 'review');
  t.equal(level(100), 'stop');
  t.equal(level(81, 'stop'), 'stop', 'not left before 8 %');
  t.equal(level(79, 'stop'), 'review');
  t.equal(level(41, 'review'), 'review');
  t.equal(level(39, 'review'), 'good');
  t.equal(level(41, 'good'), 'good');
  t.equal(level(199, 'stop', 199), 'good', 'too little mail to say');
  t.equal(
    levelOf(reputation({ refusedForUs: 900 }), 'rejections', THRESHOLDS),
    'good',
    'our own faults are in no share',
  );
});

t.test('what a customer hears', async (t) => {
  const ask = (of: Partial<Reputation>) =>
    judge('mail', mailFacts({ reputation: reputation(of) }), policyWith(), WORDS).heard?.reply ?? null;
  t.equal(ask({ rejected: 99 }), null);
  t.match(
    ask({ rejected: 125 }),
    /^450 4\.7\.0 \[reputation\.rejections\] 13 % of your mail of 7 days came back \(125 of 1000 recipients\): take dead addresses off/,
  );
  t.equal(ask({ complained: 4 }), null);
  t.match(ask({ complained: 5 }), /^450 4\.7\.0 \[reputation\.complaints\] 0\.5 % of those you mailed/);
});
