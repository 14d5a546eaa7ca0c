import t from 'tap';
import { CountedSession } from '../../src/transaction/counted-session.js';
import { KeepAlive } from '../../src/transaction/keep-alive.js';
import { StoreClock } from '../../src/transaction/store-clock.js';
import { openLedger, policyContext } from '../replay/traffic.js';

const TIMES = { reservationTtlMs: 600_000, sessionTtlMs: 600_000 };
const CLIENT = 'client:192.0.2.1';

t.test('a session counts once for its client and once for its account, until it leaves', async (t) => {
  const policy = policyContext({ 'volume.connections': { clientConcurrent: 1, accountConcurrent: 1 } });
  const rules = policy.anonymous;
  const { store, close } = await openLedger(policy);
  const failed = (error: unknown) => t.error(error);
  const keepAlive = new KeepAlive(store, TIMES, failed);
  t.teardown(() => keepAlive.close());
  t.teardown(close);
  const context = {
    store,
    keepAlive,
    clock: new StoreClock(),
    backgroundFailure: (_what: string, _account: string | null, error: unknown) => failed(error),
  };
  const session = (name: string) => {
    const counted = new CountedSession(context, name);
    return {
      client: async () => (await counted.enter(rules, CLIENT, 'client-sessions'))?.granted,
      account: async () => (await counted.enter(rules, 'account:acme', 'account-sessions'))?.granted,
      counted,
    };
  };
  const [first, second, third] = [session('first'), session('second'), session('third')];

  t.strictSame([await first.client(), await first.account()], [true, true]);
  t.strictSame([await first.client(), await first.account()], [undefined, undefined], 'it counts already');
  t.strictSame([await second.client(), await second.account()], [false, false], 'both are full');

  first.counted.leaveAccount();
  t.strictSame([await second.client(), await second.account()], [false, true], 'another may have the account now');
  first.counted.leave();
  t.equal(await second.client(), true, 'and the client');
  second.counted.end();
  t.strictSame([await first.client(), await first.account()], [true, true], 'who has left may enter again');
  first.counted.end();

  const asked = third.client();
  third.counted.end();
  t.equal(await asked, true);
  t.equal(await first.client(), true, 'what is granted to a session that is over is given back');
});
