import t from 'tap';
import { parseConfig } from '../../src/config/load.js';
import { noticeTargets, wordsOf } from '../../src/service/notice-settings.js';

function config(yaml: string) {
  const loaded = parseConfig('sluice.yaml', yaml, { env: {}, directory: '.' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return loaded.config;
}

const KEY = 'long enough for any key';
const ACCOUNTS = `
plans:
  bulk:
    notices: {mail: [bulk@provider.example], webhook: {url: "https://bulk.example/", key: ${KEY}}}
    rules: {recipient.revoked: {honourWithin: 24h}}
accounts:
  list:
    acme: {plan: bulk, notices: {mail: [a@acme.example, b@acme.example]}}
    beta: {plan: bulk}
    gamma: {}
`;

t.test("the account's own word, then its plan's, then everybody's: each way by itself", async (t) => {
  const of = noticeTargets(
    config(`notices: {from: a@provider.example, to: {mail: [all@provider.example]}}${ACCOUNTS}`),
  );
  t.same(of.addressesOf('acme'), ['a@acme.example', 'b@acme.example']);
  t.equal(of.webhookOf('acme')?.url, 'https://bulk.example/');
  t.same(of.channelsOf('acme'), ['mail', 'webhook']);
  t.same(of.addressesOf('beta'), ['bulk@provider.example']);
  t.same(of.addressesOf('gamma'), ['all@provider.example']);
  t.same(of.addressesOf('__proto__'), ['all@provider.example'], 'not listed');
  t.same(of.channelsOf('gamma'), ['mail']);
});

t.test('without `notices` nobody is told; without `to` only those who are named', async (t) => {
  t.same(noticeTargets(config(ACCOUNTS)).channelsOf('acme'), []);
  const of = noticeTargets(config(`notices: {from: a@provider.example}${ACCOUNTS}`));
  t.same(of.channelsOf('gamma'), []);
  t.same(of.channelsOf('beta'), ['mail', 'webhook']);
});

t.test('the time to honour a revocation is that of the rule', async (t) => {
  const words = wordsOf(config(ACCOUNTS));
  t.equal(words.honourWithinMs('beta'), 24 * 3_600_000);
  t.equal(words.honourWithinMs('gamma'), 48 * 3_600_000);
  t.equal(words.linkOf('audit.00000000000001'), null, 'there are no links');
});
