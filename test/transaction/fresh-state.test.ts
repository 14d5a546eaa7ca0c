import t from 'tap';
import type { AccountState } from '../../src/store/contract.js';
import type { TransactionContext } from '../../src/transaction/context.js';
import { Session } from '../../src/transaction/session.js';
import { policyContext } from '../replay/traffic.js';

t.test('what the store said of an account is believed for a moment, once, and of that account only', (t) => {
  let now = 1_000_000;
  const policy = policyContext({});
  const context = { clock: { now: () => now }, policy: () => policy } as unknown as TransactionContext;
  const client = { address: '192.0.2.1', certificate: null, login: null, mta: null, listener: 'test' };
  const session = new Session(context, client);
  const state: AccountState = { account: 'acme', standing: 'good', changed: null, until: null, firstAcceptedAt: 1 };
  const after = (ms: number, account = 'acme') => {
    session.knowState(state);
    now += ms;
    return session.takeFreshState(account);
  };
  t.equal(after(0), state);
  t.equal(session.takeFreshState('acme'), null, 'once');
  t.equal(after(99), state);
  t.equal(after(100), null);
  t.equal(after(-1), null, 'the clock went back: nobody knows how old it is');
  t.equal(after(0, 'zenith'), null);
  t.end();
});
