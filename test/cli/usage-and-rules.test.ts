import t from 'tap';
import { CATALOGUE } from '../../src/policy/catalogue.js';
import { inProcess } from './in-process.js';

t.test("an account's use of the limits that its plan gives", async (t) => {
  const sluice = await inProcess(t);
  const store = await sluice.store();
  const lease = { transaction: 'T1', account: 'acme' };
  const limit = {
    rule: 'volume.recipients',
    resource: 'recipients',
    perMs: 3_600_000,
    count: 10,
    enforced: true,
  } as const;
  const recipients = ['a@x.example', 'b@x.example', 'c@x.example'];
  const floodLimits = { account: [], everyone: [] };
  await store.commit({
    lease,
    accountLimits: [limit],
    amounts: { recipients: 3 },
    floodLimits,
    recipients,
    unmailed: [],
  });
  const { answer } = await sluice.ask(['usage', 'acme']);
  const { plan, windows } = answer as {
    plan: string;
    windows: { rule: string; perMs: number; limit: number; used: number }[];
  };
  t.equal(plan, 'small');
  t.match(
    windows.filter(({ rule }) => rule === 'volume.recipients'),
    [{ perMs: 3_600_000, limit: 10, used: 3 }],
  );
  const shown = await sluice.run(['usage', 'acme']);
  t.match(shown.stdout, /volume\.recipients +recipients +10\/1h +3/);
  t.notMatch(shown.stdout, /\[#/, 'bars are for terminals');
  t.match((await sluice.ask(['usage', 'stranger'])).answer, { plan: 'default' });
});

t.test('the catalogue, as the config sets it; without a config its defaults', async (t) => {
  const sluice = await inProcess(t);
  const { answer } = await sluice.ask(['rules', '--account', 'acme']);
  const { rules } = answer as {
    rules: { id: string; mode: string; clause: { text: string }; parameters: { name: string; value: unknown }[] }[];
  };
  t.same(
    rules.map(({ id }) => id),
    CATALOGUE.map(({ id }) => id),
  );
  const modes = new Map(CATALOGUE.map(({ id, defaultMode }) => [id as string, defaultMode ?? 'enforce']));
  t.ok(rules.every(({ id, clause, mode }) => clause.text !== '' && mode === modes.get(id)));
  t.match(rules.find(({ id }) => id === 'volume.recipients')?.parameters, [{ name: 'limits', value: ['10/1h'] }]);
  const one = await sluice.run(['rules', 'volume.recipients', '--config', '/nowhere/sluice.yaml']);
  t.equal(one.code, 3, 'a config that was named must be there');
  t.equal((await sluice.run(['rules', 'no.such'])).code, 2);
});
