import t from 'tap';
import { gapKey } from '../../src/replay/gap.js';
import { recordGaps } from '../../src/replay/record-gaps.js';
import { openLedger, policyContext } from './traffic.js';

t.test('what was not asked for is told, where the policy goes by it', async (t) => {
  const then = policyContext({});
  const ledger = await openLedger(then);
  t.teardown(() => ledger.close());
  const decision = await ledger.send({
    account: 'acme',
    from: 'x@acme.example',
    to: [['a+tag@example.net']],
    size: 100,
    declared: true,
    end: 'accepted',
    unknownToRelay: [],
    after: 0,
  });
  const policy = then.anonymous;
  const { asked } = decision;
  if (asked === null) throw new Error('it was recorded what was asked for');
  const gapsOf = (changed: Partial<typeof decision>) =>
    recordGaps({ ...decision, ...changed }, policy, { feedback: null }).map(gapKey);

  t.strictSame(gapsOf({}), [], 'by the policy that asked');
  t.strictSame(gapsOf({ skipped: true }), ['store-away']);
  t.strictSame(
    gapsOf({ skipped: true, asked: null }),
    ['store-away', 'old'],
    'who was not told what was asked can tell no more',
  );
  t.strictSame(gapsOf({ asked: { ...asked, facts: [] } }), [
    'not-gathered recipient.suppressed',
    'not-gathered recipient.revoked',
    'not-gathered recipient.rejections',
  ]);
  t.strictSame(gapsOf({ asked: { ...asked, facts: [] }, recipients: [] }), [], 'nobody to have asked about');

  const { recipients } = decision;
  const global = { ...policy, streakScope: 'global', matchSubaddress: true } as const;
  const narrow = { ...asked, streakScope: 'account', matchSubaddress: false } as const;
  t.strictSame(recordGaps({ ...decision, asked: narrow }, global, { feedback: null }).map(gapKey), [
    'streak-scope',
    'subaddress',
  ]);
  const untagged = recipients.map((one) => ({ ...one, address: 'a@example.net' }));
  t.strictSame(
    recordGaps({ ...decision, asked: narrow, recipients: untagged }, global, { feedback: null }).map(gapKey),
    ['streak-scope'],
  );
});
