import { deepStrictEqual, equal } from 'node:assert/strict';
import t from 'tap';
import type { Connection } from '../../../src/account/contract.js';
import { clientIdentity } from '../../../src/door/milter/client-identity.js';
import { Macros } from '../../../src/door/milter/macros.js';
import { MtaClient } from '../../../src/door/milter/mta-client.js';
import type { MilterDoorContext } from '../../../src/door/milter/settings.js';
import { startBehindDoor } from '../../support/door.js';
import fc from '../../support/property.js';

/** The address is told by a macro. */
const CONNECT = { kind: 'connect', host: 'x', family: 'unknown', port: 0, address: '' } as const;

const name = fc.constantFrom('', 'anna', 'bert');
const macrosOfMail = fc.record({
  daemon_name: name,
  auth_authen: name,
  cert_subject: name,
  verify: fc.constantFrom('OK', 'FAIL'),
  client_addr: fc.constantFrom('192.0.2.1', '192.0.2.2'),
  // This one identifies nobody.
  auth_type: fc.constantFrom('PLAIN', 'LOGIN'),
});

t.test('the session knows who its client is, and hears of it only when that has changed', async (t) => {
  const heard: Connection[] = [];
  let open = 0;
  const { context } = await startBehindDoor(t, {
    accounts: {
      identify(connection) {
        heard.push(connection);
        return null;
      },
    },
  });
  const door: Pick<MilterDoorContext, 'transactions' | 'sessionOpened' | 'sessionClosed'> = {
    transactions: context.transactions,
    sessionOpened() {
      open += 1;
    },
    sessionClosed() {
      open -= 1;
    },
  };
  await fc.assert(
    fc.asyncProperty(fc.array(macrosOfMail, { minLength: 1, maxLength: 6 }), async (mails) => {
      const macros = new Macros();
      const client = new MtaClient(door, 'milter', CONNECT, macros);
      await client.session.connect();
      for (const given of mails) {
        const before = heard.length;
        const known = heard.at(-1);
        macros.set('M', new Map(Object.entries(given)));
        equal(await client.identify(), null);
        const identity = clientIdentity(CONNECT, macros, 'milter');
        deepStrictEqual(heard.at(-1), identity);
        equal(heard.length - before, JSON.stringify(identity) === JSON.stringify(known) ? 0 : 1);
        equal(client.identify(), null, 'nothing has changed since, and nobody is waited for');
      }
      equal(open, 1);
      client.close();
      equal(open, 0);
    }),
    { numRuns: 50 },
  );
  t.ok(heard.length > 50);
});
