import t from 'tap';
import { openLedger, policyContext, START } from '../replay/traffic.js';

t.test('who is asked for once more counts with those of its batch that were let through', async (t) => {
  const ledger = await openLedger(
    policyContext({ 'volume.recipients': { limits: ['3/1h'] }, 'volume.recipients-per-message': { limit: 2 } }),
  );
  t.teardown(() => ledger.close());
  const suppression = { account: null, reason: 'manual', at: START, by: 'test', note: '', expiresAt: null } as const;
  await ledger.store.suppress([{ ...suppression, key: 'b@example.net' }]);
  const { recipients } = await ledger.send({
    account: 'acme',
    from: 'x@acme.example',
    // b holds the third place until it is refused; d gets it then, and is the third of the message.
    to: [['a@example.net', 'b@example.net', 'c@example.net', 'd@example.net']],
    size: 1,
    declared: false,
    end: 'accepted',
    unknownToRelay: [],
    after: 0,
  });
  const verdicts = Object.fromEntries(recipients.map(({ address, verdict }) => [address[0], verdict]));
  t.strictSame(verdicts, { a: 'pass', b: 'reject', c: 'pass', d: 'defer' });
  t.match(recipients.find(({ address }) => address === 'd@example.net')?.reply, /volume\.recipients-per-message/);
});

t.test('who is refused for good is not asked for once more, and takes no place from others', async (t) => {
  const ledger = await openLedger(policyContext({ 'volume.recipients': { limits: ['1/1h'] } }));
  t.teardown(() => ledger.close());
  const suppression = { account: null, reason: 'manual', at: START, by: 'test', note: '', expiresAt: null } as const;
  await ledger.store.suppress(['b@example.net', 'c@example.net'].map((key) => ({ ...suppression, key })));
  const { recipients } = await ledger.send({
    account: 'acme',
    from: 'x@acme.example',
    to: [['b@example.net', 'c@example.net', 'a@example.net']],
    size: 1,
    declared: false,
    end: 'accepted',
    unknownToRelay: [],
    after: 0,
  });
  const verdicts = Object.fromEntries(recipients.map(({ address, verdict }) => [address[0], verdict]));
  t.strictSame(verdicts, { a: 'pass', b: 'reject', c: 'reject' });
});
