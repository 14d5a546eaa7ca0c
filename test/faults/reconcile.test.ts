/** The reconciler finds what it is there to find: each kind of damage, made by hand in otherwise good books. */

import t from 'tap';
import type { ClientEntry, DecisionEntry, RelayEntry } from './books.js';
import { balance, mostWithin } from './limits.js';
import { type Books, reconcile } from './reconcile.js';

const CLIENT: ClientEntry = {
  key: '1.1',
  account: 'loose-1',
  instance: 'sluice-1',
  startedAt: 1_000,
  endedAt: 1_100,
  stage: 'end',
  dotAt: 1_050,
  heard: '250 2.0.0 Ok',
  accepted: ['a@example.net', 'b@example.net'],
  sha256: 'aa',
  dropped: false,
};
const RELAY: RelayEntry = {
  key: '1.1',
  code: 250,
  silent: false,
  sha256: 'aa',
  recipients: ['a@example.net', 'b@example.net'],
  at: 1_080,
  port: 4_000,
};
const DECISION: DecisionEntry = { key: '1.1', id: 's.1', ending: 'accepted' };

function books(changed: Partial<Books> = {}): Books {
  return {
    client: [CLIENT],
    relay: [RELAY],
    decisions: [DECISION],
    logged: new Map(),
    faults: [],
    cuts: [],
    behind: [],
    ...changed,
  };
}

function brokenKinds(changed: Partial<Books>): string[] {
  return [...reconcile(books(changed)).broken.keys()];
}

const decided = (ending: DecisionEntry['ending']) => [{ ...DECISION, ending }];
const killed = { kind: 'instance killed', target: 'sluice-1', from: 1_090, to: 2_000 };

t.test('good books', async (t) => {
  t.strictSame(brokenKinds({}), []);
});

t.test('what must not be', async (t) => {
  t.strictSame(brokenKinds({ relay: [] }), ['lost', 'decided accepted, and not at the relay']);
  t.strictSame(brokenKinds({ relay: [{ ...RELAY, sha256: 'bb' }] }), ['bytes differ']);
  t.strictSame(brokenKinds({ relay: [{ ...RELAY, recipients: ['a@example.net'] }] }), ['recipients differ']);
  t.strictSame(brokenKinds({ relay: [RELAY, RELAY] }), ['accepted twice in one attempt']);
  t.strictSame(brokenKinds({ relay: [RELAY, { ...RELAY, key: '2.1' }] }), ['mail from nowhere']);
  t.strictSame(brokenKinds({ decisions: [] }), ['no decision']);
  const refused = { client: [{ ...CLIENT, heard: '554 5.7.1 no' }], decisions: decided('refused') };
  t.match(brokenKinds(refused), ['refused, and at the relay', 'at the relay, decided otherwise']);
  const deferred = { client: [{ ...CLIENT, heard: '451 4.4.2 later' }], decisions: decided('refused') };
  t.strictSame(brokenKinds(deferred), ['at the relay, decided otherwise']);
});

t.test('a copy whose client heard no 250 is explained by what was lost', async (t) => {
  const later = { ...CLIENT, heard: '451 4.4.2 later' };
  const gone = { ...CLIENT, heard: null };
  const cut = { leg: 'relay', port: RELAY.port, openedAt: 900, cutAt: 1_080 } as const;
  const relayLeg = reconcile(books({ client: [later], decisions: decided('unknown'), cuts: [cut] }));
  t.match(relayLeg, { unheard: { relayLeg: 1 }, unknown: 1 });
  t.equal(relayLeg.broken.size, 0);
  t.strictSame(brokenKinds({ client: [later], decisions: decided('unknown') }), [
    'unknown although the reply was sent',
  ]);
  t.match(reconcile(books({ client: [gone] })), { unheard: { clientLeg: 1 }, broken: new Map() });
  const dead = reconcile(books({ client: [gone], decisions: [], faults: [killed] }));
  t.match(dead, { unheard: { killed: 1 }, decisionsLost: 1, broken: new Map() });
  t.strictSame(brokenKinds({ client: [gone], decisions: [] }), ['at the relay, decided otherwise', 'no decision']);
});

t.test(
  'a decision that waited for the store when its process was killed is lost, one that was written since is not',
  async (t) => {
    const later = { ...killed, from: 60_000, to: 61_000 };
    const behind = { instance: 'sluice-1', from: 1_500, to: 60_000 };
    const found = (each: typeof behind) => reconcile(books({ decisions: [], faults: [later], behind: [each] }));
    t.match(found(behind), { decisionsLost: 1, broken: new Map() });
    t.strictSame([...found({ ...behind, to: 50_000 }).broken.keys()], ['no decision']);
    t.strictSame([...found({ ...behind, instance: 'sluice-2' }).broken.keys()], ['no decision']);
    t.strictSame([...found({ ...behind, from: 20_000 }).broken.keys()], ['no decision']);
  },
);

t.test('a second copy is counted by recipient', async (t) => {
  const again = { ...CLIENT, key: '1.2', accepted: ['a@example.net'] };
  const copies = [RELAY, { ...RELAY, key: '1.2', recipients: ['a@example.net'] }];
  const found = reconcile(
    books({
      client: [{ ...CLIENT, heard: null }, again],
      relay: copies,
      decisions: [DECISION, { ...DECISION, key: '1.2' }],
    }),
  );
  t.match(found, { duplicated: 1, delivered: 1, acceptances: 2, broken: new Map() });
});

t.test('a limit is exceeded only by what was certainly within one interval', async (t) => {
  const limit = { resource: 'recipients', count: 2, perMs: 1_000 } as const;
  const later = { ...CLIENT, key: '2.1', dotAt: 1_900 };
  t.equal(mostWithin(limit, [CLIENT, later], [RELAY, { ...RELAY, key: '2.1', at: 2_040 }]), 4);
  t.equal(mostWithin(limit, [CLIENT, later], [RELAY, { ...RELAY, key: '2.1', at: 2_060 }]), 2);
});

t.test('counters are what the relay took, and what nobody can know', async (t) => {
  const lost = { ...CLIENT, key: '2.1' };
  const client = [CLIENT, lost];
  const of = (ending: string | null, faults: readonly (typeof killed)[] = []) => {
    const endings = new Map(ending === null ? [] : [['2.1', ending]]);
    return (charged: number) =>
      balance('loose-1', 'recipients', charged, { client, relay: [RELAY], endings, faults }).problem;
  };
  t.equal(of('refused')(2), null);
  t.equal(of('refused')(4), '2 too many');
  t.equal(of('refused')(1), '1 too few');
  t.equal(of('unknown')(4), null);
  t.equal(of('unknown')(2), '2 too few');
  t.equal(of(null, [killed])(2), null);
  t.equal(of(null, [killed])(4), null);
  t.equal(of(null, [killed])(5), '1 too many');
});
