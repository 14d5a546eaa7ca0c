import t from 'tap';
import type { WindowLimit } from '../../src/store/contract.js';
import { PlacesAhead } from '../../src/transaction/places-ahead.js';
import { openLedger, policyContext } from '../replay/traffic.js';
import { limitOf } from '../store/contract/sender.js';

const HOUR = 3_600_000;
const limit = limitOf('recipients', 1e6, HOUR);

function answered(ahead: number, ...usage: readonly (readonly [WindowLimit, number])[]) {
  const told = usage.map(([limit, used]) => ({ limit, used, over: false, freesUpInMs: null }));
  const nothing = { suppression: null, revocation: null, rejections: null };
  return {
    now: 0,
    recipients: [{ granted: true, held: false, usage: told, ...nothing }],
    held: false,
    unheld: {},
    ahead,
  };
}

t.test('of a hundred recipients, one at a time, two ask about their account', (t) => {
  const places = new PlacesAhead();
  const asked: number[] = [];
  for (let number = 1; number <= 100; number += 1) {
    if (places.covers(1, 0)) places.taken(answered(0));
    else {
      asked.push(number);
      places.asked(answered(places.wanted, [limit, number]));
    }
  }
  t.strictSame(asked, [1, 66]);
  t.end();
});

t.test('what the account’s limits say goes on from the latest that asked', (t) => {
  const places = new PlacesAhead();
  const flood = limitOf('messages', 5, HOUR, { rule: 'flood.recipient' });
  places.asked(answered(2, [limit, 40], [flood, 3]));
  const used = () => places.taken(answered(0, [flood, 1]))[0]?.usage.map(({ used }) => used);
  t.strictSame(used(), [41, 1], 'the account’s first, then the address’ own');
  t.strictSame(used(), [42, 1]);
  t.notOk(places.covers(1, 0));
  t.end();
});

t.test('what is known of the room grows old', (t) => {
  const places = new PlacesAhead();
  places.asked({ ...answered(9, [limit, 1]), now: 1_000 });
  t.ok(places.covers(9, 6_000));
  t.notOk(places.covers(1, 6_001));
  t.end();
});

t.test('a place that an address’ own limits deny is kept for another', (t) => {
  const places = new PlacesAhead();
  places.asked(answered(1, [limit, 1]));
  const denied = { ...answered(0).recipients[0], granted: false } as const;
  places.taken({ ...answered(0), recipients: [denied as never] });
  t.ok(places.covers(1, 0));
  t.end();
});

t.test('recipients one at a time count as in one batch, whatever room there is', async (t) => {
  const to = Array.from({ length: 20 }, (_, index) => `r${index}@example.net`);
  const mail = {
    account: 'acme',
    from: 'x@acme.example',
    size: 1,
    declared: false,
    end: 'accepted',
    after: 0,
  } as const;
  for (const count of [12, 20, 1e6]) {
    const ledger = await openLedger(policyContext({ 'volume.recipients': { limits: [`${count}/1h`] } }));
    t.teardown(() => ledger.close());
    const unknownToRelay = ['r3@example.net', 'r9@example.net'];
    const { recipients } = await ledger.send({ ...mail, to: to.map((address) => [address]), unknownToRelay });
    const passed = recipients.filter(({ verdict }) => verdict === 'pass').length;
    t.equal(passed, Math.min(20, count + unknownToRelay.length), `${count} an hour`);
    const [{ used } = { used: null }] = await ledger.store.usage('acme', [limitOf('recipients', count, HOUR)]);
    t.equal(used, Math.min(18, count), 'nothing stays held');
  }
});
