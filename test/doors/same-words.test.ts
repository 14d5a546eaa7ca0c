/** One suite of scenarios through every door: code, enhanced status and words are the same, whatever stands in front. */

import t, { type Test } from 'tap';
import { loadConfig } from '../../src/config/load.js';
import { openStore } from '../../src/service/open-store.js';
import { openSession } from '../support/mail.js';
import { startRedis } from '../support/redis.js';
import type { SmtpClient } from '../support/smtp-client.js';
import { type Heard, hear } from './hearing.js';
import { CERTIFIED, clientAt, type Door, LARGEST, startThreeDoors } from './three-doors.js';

const DAY = 86_400_000;

/** Accounts by the last octet of their clients' address; each door has its own of each. */
const ACCOUNTS = {
  plain: 1,
  suspended: 2,
  few: 3,
  messages: 4,
  many: 5,
  flood: 6,
  sender: 7,
  bytes: 8,
  self: 9,
  bounces: 10,
  warm: 11,
} as const;
type Account = keyof typeof ACCOUNTS;

const RULES = {
  few: { 'volume.recipients': { limits: ['2/1h'] } },
  messages: { 'volume.messages': { limits: ['1/1h'] } },
  many: { 'volume.recipients-per-message': { limit: 2 } },
  flood: { 'flood.recipient': { perAccount: ['1/1h'] } },
  bytes: { 'volume.bytes': { limits: ['1000B/1h'] } },
  self: { 'storage.self-mail': { limits: ['1000B/1d'] } },
  bounces: { 'volume.exempt': { limits: ['1/1h'] } },
  warm: { 'volume.warm-up': { ramp: [{ day: 3, recipients: 1 }] } },
} as const;

const NETWORKS = [1, 2, 3];
const redis = await startRedis(t);
const { sluice, doors } = await startThreeDoors(t, {
  store: { redis: { url: redis.url }, callTimeout: '5s' },
  accounts: {
    unknown: 'refuse',
    identify: [
      {
        address: Object.fromEntries(
          NETWORKS.flatMap((network) =>
            Object.entries(ACCOUNTS).map(([account, octet]) => [`127.0.${network}.${octet}`, `${account}-${network}`]),
          ),
        ),
      },
      { certificate: { [CERTIFIED.subject]: 'certified' } },
    ],
    list: Object.fromEntries(
      NETWORKS.flatMap((network) =>
        Object.keys(ACCOUNTS).map((account) => [
          `${account}-${network}`,
          {
            rules: RULES[account as keyof typeof RULES] ?? {},
            ...(account === 'sender' || account === 'self' ? { senders: ['self.example'] } : {}),
          },
        ]),
      ),
    ),
  },
  rules: { 'volume.connections': { clientConcurrent: null } },
});

await prepare();

/** What the abuse desk knew before. */
async function prepare(): Promise<void> {
  const loaded = await loadConfig(sluice.configPath);
  if (!loaded.ok) throw new Error('the config cannot be read');
  const store = await openStore(loaded.config.store);
  const by = { by: 'test', note: '' };
  const suppressed = { reason: 'unsubscribed', at: Date.now() - DAY, expiresAt: null, ...by } as const;
  await store.suppress([{ key: 'suppressed@example.net', account: null, ...suppressed }]);
  for (const network of NETWORKS) {
    const account = `suspended-${network}`;
    await store.revoke({
      key: 'revoked@example.net',
      account: `plain-${network}`,
      at: Date.now() - 3 * DAY,
      source: 'test',
    });
    await store.changeStanding({ account, standing: 'suspended', reason: 'test', by: 'test', until: null });
    for (const ago of [20, 10, 1]) {
      await store.recordOutcome(
        {
          account: `plain-${network}`,
          key: 'dead@example.net',
          message: `dead-${network}-${ago}`,
          kind: 'rejected',
          status: '550 5.1.1 User unknown',
          at: Date.now() - ago * DAY,
        },
        { scope: 'account', presumeDeliveredAfterMs: 7 * DAY, keepMs: 60 * DAY },
      );
    }
  }
  await store.close();
}

/** Plays it at each door, holds what was heard at the first one against what is expected, and the others against that. */
function scenario(
  name: string,
  account: Account | 'stranger',
  act: (client: SmtpClient) => Promise<readonly Heard[]>,
  check: (t: Test, heard: readonly Heard[]) => void,
): void {
  t.test(name, async (t) => {
    const heardAt = async (door: Door): Promise<readonly Heard[]> => {
      const client = await clientAt(door, account === 'stranger' ? 99 : ACCOUNTS[account]);
      const heard = await act(client);
      await client.close();
      return heard;
    };
    const [first, ...others] = await Promise.all(doors.map(heardAt));
    if (first === undefined) throw new Error('there are no doors');
    check(t, first);
    for (const [index, other] of others.entries()) t.strictSame(other, first, `${doors[index + 1]?.name} as smtp`);
  });
}

/** In order: each mail's recipients. */
const mails =
  (...recipients: readonly (readonly string[])[]) =>
  async (client: SmtpClient): Promise<readonly Heard[]> => {
    const heard: Heard[] = [];
    for (const to of recipients) heard.push(await hear(client, { to }));
    return heard;
  };

const octets = (count: number) => `Subject: x\r\n\r\n${`${'y'.repeat(70)}\r\n`.repeat(Math.ceil(count / 72))}`;

scenario('what passes', 'plain', mails(['b@example.net'], ['b@example.net', 'c@example.net']), (t, heard) => {
  t.match(heard, [
    { recipients: ['250'], end: '250' },
    { recipients: ['250', '250'], end: '250' },
  ]);
});

scenario('a suspended account', 'suspended', mails(['b@example.net']), (t, heard) => {
  t.match(heard, [{ recipients: [/^550 5\.7\.13 \[account\.standing\] This account is suspended/], end: null }]);
});

scenario('nobody knows who it is', 'stranger', mails(['b@example.net']), (t, heard) => {
  t.match(heard, [{ recipients: [/^550 5\.7\.1 /], end: null }]);
});

scenario(
  'over a limit of recipients',
  'few',
  mails(['1@example.net', '2@example.net', '3@example.net']),
  (t, heard) => {
    const [mail] = heard;
    t.match(mail, { recipients: ['250', '250', /^450 4\.7\.0 \[volume\.recipients\] The limit of 2 /], end: '250' });
  },
);

scenario(
  'over a limit of messages',
  'messages',
  mails(['1@example.net', '2@example.net'], ['3@example.net']),
  (t, heard) => {
    t.match(heard, [{ end: '250' }, { recipients: [/^450 4\.7\.0 \[volume\.messages\] The limit of 1 /], end: null }]);
  },
);

scenario('too many recipients', 'many', mails(['1@example.net', '2@example.net', '3@example.net']), (t, heard) => {
  t.match(heard, [{ recipients: ['250', '250', /^452 4\.5\.3 \[volume\.recipients-per-message\]/], end: '250' }]);
});

scenario(
  'a flood to one address',
  'flood',
  mails(['victim@example.net'], ['victim@example.net', 'c@example.net']),
  (t, heard) => {
    t.match(heard, [{ end: '250' }, { recipients: [/^451 4\.7\.28 \[flood\.recipient\]/, '250'], end: '250' }]);
  },
);

scenario('a new account', 'warm', mails(['1@example.net', '2@example.net']), (t, heard) => {
  t.match(heard, [{ recipients: ['250', /^450 4\.7\.0 \[volume\.warm-up\]/], end: '250' }]);
});

scenario(
  'suppressed, revoked and dead addresses',
  'plain',
  mails(['suppressed@example.net', 'revoked@example.net', 'dead@example.net', 'alive@example.net']),
  (t, heard) => {
    t.match(heard, [
      {
        recipients: [
          /^550 5\.7\.1 \[recipient\.suppressed\] <suppressed@example\.net> unsubscribed/,
          /^550 5\.7\.1 \[recipient\.revoked\] <revoked@example\.net> revoked consent/,
          /^550 5\.1\.1 \[recipient\.rejections\] <dead@example\.net> rejected mail 3 times/,
          '250',
        ],
        end: '250',
      },
    ]);
  },
);

scenario(
  'a sender that is not allowed',
  'sender',
  async (client) => [
    await hear(client, { from: 'me@other.example', to: ['b@example.net', 'c@example.net'] }),
    await hear(client, { from: 'me@self.example', to: ['b@example.net'] }),
  ],
  (t, heard) => {
    const refused = /^550 5\.7\.1 \[account\.sender\] The sender address <me@other\.example>/;
    t.match(heard, [{ recipients: [refused, refused], end: null }, { end: '250' }]);
  },
);

scenario(
  'larger than a window will ever hold, declared and not',
  'bytes',
  async (client) => [
    await hear(client, { to: ['b@example.net'], mailParameters: 'SIZE=5000' }),
    await hear(client, { to: ['b@example.net'], data: octets(5000) }),
    await hear(client, { to: ['b@example.net'], data: octets(600) }),
    await hear(client, { to: ['b@example.net'], data: octets(600) }),
  ],
  (t, heard) => {
    t.match(heard, [
      { recipients: [/^552 5\.7\.0 \[volume\.bytes\] At most /], end: null },
      { recipients: ['250'], end: /^552 5\.7\.0 \[volume\.bytes\] At most / },
      { recipients: ['250'], end: '250' },
      { recipients: ['250'], end: /^451 4\.7\.0 \[volume\.bytes\] The limit of / },
    ]);
  },
);

scenario(
  'a mailbox as storage',
  'self',
  async (client) => [
    await hear(client, { from: 'me@self.example', to: ['me@self.example'], data: octets(5000) }),
    await hear(client, { from: 'me@self.example', to: ['b@example.net'], data: octets(5000) }),
  ],
  (t, heard) => {
    t.match(heard, [{ end: /^552 5\.7\.0 \[storage\.self-mail\]/ }, { end: '250' }]);
  },
);

scenario(
  'bounces have limits of their own',
  'bounces',
  async (client) => [
    await hear(client, { from: '', to: ['b@example.net'] }),
    await hear(client, { from: '', to: ['b@example.net'] }),
    await hear(client, { to: ['b@example.net'] }),
  ],
  (t, heard) => {
    t.match(heard, [{ end: '250' }, { recipients: [/^450 4\.7\.0 \[volume\.exempt\]/] }, { end: '250' }]);
  },
);

t.test('larger than anybody takes: Postfix has words of its own for it, the codes are the same', async (t) => {
  for (const door of doors) {
    const client = await clientAt(door, ACCOUNTS.plain);
    const mail = await client.command(`MAIL FROM:<a@example.com> SIZE=${LARGEST * 2}`);
    t.match(mail, { code: 552, text: /^5\.3\.4 / }, door.name);
    await client.close();
  }
});

t.test('a client is known by its certificate, whoever checked it', async (t) => {
  for (const door of doors) {
    const accountOf = async (certificate: object): Promise<unknown> => {
      const client = await openSession(door.certifiedPort, { localAddress: '127.0.0.99' });
      await client.startTls(certificate);
      await client.command('EHLO client.example');
      const before = sluice.transactions.length;
      const { recipients } = await hear(client, { to: ['b@example.net'] });
      await client.close();
      if (recipients[0] !== '250') return recipients[0];
      const passed = ({ ending }: { readonly ending?: unknown }) => ending === 'accepted' || ending === 'passed';
      const line = await sluice.waitForLog('the transaction', (one) => {
        return sluice.transactions.indexOf(one) >= before && passed(one);
      });
      return line.account;
    };
    t.equal(await accountOf({ cert: CERTIFIED.cert, key: CERTIFIED.key }), 'certified', door.name);
    t.match(await accountOf({}), /^550 5\.7\.1 No account is known for this client/, door.name);
  }
});

t.test('each decision tells its door', async (t) => {
  const endings = sluice.transactions.map(({ listener, ending }) => `${listener} ${ending}`);
  for (const expected of ['smtp accepted', 'milter passed', 'policyd passed'])
    t.ok(endings.includes(expected), expected);
});

t.test('the store goes away', async (t) => {
  await redis.stop();
  for (const door of doors) {
    const client = await clientAt(door, ACCOUNTS.plain).catch((error: unknown) => String(error));
    // At the SMTP door and the milter the greeting is refused already: it counts connections.
    if (typeof client === 'string') {
      t.match(client, /421/, door.name);
      t.not(door.name, 'policyd');
      continue;
    }
    const { recipients } = await hear(client, { to: ['b@example.net'] });
    t.match(recipients, [/^4[25]1 4\.3\.0 Limits cannot be checked at the moment/], door.name);
    await client.close();
  }
});
