/** What clients may do to a store, as data that fast-check makes up and shrinks. */

import type { Outcome } from '../../src/store/contract.js';
import type { WindowLimit } from '../../src/store/window.js';
import fc from '../support/property.js';
import { limitOf } from './contract/sender.js';
import { HOUR } from './contract/times.js';

export const HALF_HOUR = HOUR / 2;

/**
 * Slots are whole hours wide, while steps start at ten or forty minutes past
 * the hour and everything else ends in between: so a store whose clock goes on
 * by itself for some minutes answers the same.
 */
const SHORT = 64 * HOUR;
const LONG = 128 * HOUR;

const count = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 9 }) },
  // Around where there is so much room that nothing is held.
  fc.integer({ min: 60, max: 700 }),
);
const limitsOf = (...resources: WindowLimit['resource'][]): fc.Arbitrary<readonly WindowLimit[]> =>
  fc
    .tuple(
      ...resources.map((resource) =>
        fc
          .array(
            fc.record({
              count,
              per: fc.constantFrom(SHORT, LONG),
              enforced: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.boolean()),
            }),
            {
              minLength: 1,
              maxLength: 2,
            },
          )
          .map((limits) => limits.map(({ count, per, enforced }) => limitOf(resource, count, per, { enforced }))),
      ),
    )
    .map((lists) => lists.flat());

const accountLimits = limitsOf('recipients', 'messages', 'bytes', 'exempt-recipients');
const flood = fc.oneof(fc.constant([]), limitsOf('messages'));
const floodLimits = fc.record({ account: flood, everyone: flood });
const addresses = fc.subarray([0, 1, 2, 3]);
const lease = fc.integer({ min: 0, max: 3 });
const client = fc.integer({ min: 0, max: 1 });
const small = fc.integer({ min: 0, max: 4 });

/** Of everybody, account 0 or account 1. */
const whose = fc.constantFrom(null, 0, 1);
const key = fc.constantFrom('a+tag', 'a', 'b', '@');

/** What a transaction asks for recipients with, held or charged at once. */
const asking = {
  client,
  lease,
  accountLimits,
  floodLimits,
  messages: fc.integer({ min: 0, max: 1 }),
  bytes: small,
  exempt: fc.boolean(),
};

const holding = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('reserve' as const),
      ...asking,
      addresses,
      ahead: fc.integer({ min: 0, max: 4 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('chargeRecipient' as const),
      ...asking,
      address: fc.integer({ min: 0, max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      client,
      lease,
      accountLimits,
      floodLimits,
      amounts: fc.record({
        messages: small,
        bytes: small,
        recipients: small,
        'exempt-recipients': fc.integer({ min: 0, max: 1 }),
      }),
      addresses,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('giveBack' as const),
      client,
      lease,
      amounts: fc.record({ messages: small, recipients: small }),
      addresses,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), client, lease }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renew' as const), client, leases: fc.subarray([0, 1, 2, 3]) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refund' as const), client, which: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('usage' as const),
      client,
      account: fc.integer({ min: 0, max: 1 }),
      accountLimits,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('burst' as const),
      accountLimits,
      transactions: fc.integer({ min: 2, max: 6 }),
    }),
  },
);

const counting = fc.oneof(
  { weight: 1, arbitrary: fc.record({ do: fc.constant('meters' as const), client, limits: limitsOf('failures') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('charge' as const),
      client,
      limits: limitsOf('failures'),
      amount: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('openSession' as const),
      client,
      session: fc.nat(1_000_000),
      concurrent: fc.option(fc.record({ count: small, enforced: fc.boolean() })),
      limits: limitsOf('sessions'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('closeSession' as const), client, which: small }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('renewSession' as const), client, which: small }) },
);

const knowing = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('outcome' as const),
      client,
      account: fc.integer({ min: 0, max: 1 }),
      message: fc.nat(5),
      kind: fc.constantFrom<Outcome['kind']>('accepted', 'delivered', 'returned', 'rejected', 'rejected'),
      hoursAgo: fc.nat(12),
      scope: fc.constantFrom('account' as const, 'account' as const, 'global' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('forget' as const), client, whose }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('suppress' as const),
      client,
      key,
      whose,
      forHalfHours: fc.option(fc.nat(12)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('unsuppress' as const), client, key, whose }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('facts' as const), client, account: fc.integer({ min: 0, max: 1 }) }),
  },
);

/** Often to the edge of a window. */
const passing = fc.record({
  do: fc.constant('advance' as const),
  halfHours: fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: 1, max: 3 }) },
    { weight: 1, arbitrary: fc.integer({ min: 4, max: 300 }) },
    {
      weight: 2,
      arbitrary: fc
        .constantFrom(SHORT, LONG)
        .chain((per) => fc.integer({ min: -3, max: 4 }).map((more) => per / HALF_HOUR + more)),
    },
  ),
});

const time = { weight: 2, arbitrary: passing };

export const windowSteps = fc.array(
  fc.oneof({ weight: 9, arbitrary: holding }, { weight: 3, arbitrary: counting }, time),
  {
    maxLength: 60,
    size: 'max',
  },
);
export const recipientSteps = fc.array(fc.oneof({ weight: 8, arbitrary: knowing }, time), {
  maxLength: 60,
  size: 'max',
});

export type WindowStep = ReturnType<typeof windowSteps.generate>['value'][number];
export type RecipientStep = ReturnType<typeof recipientSteps.generate>['value'][number];
