import t from 'tap';
import { readPolicyRequest } from '../../../src/door/policyd/policy-request.js';
import { type Attributes, RequestReader } from '../../../src/door/policyd/request-reader.js';
import { policyRequest } from '../../support/policy-client.js';
import fc from '../../support/property.js';

/** What a reader makes of bytes that come in these pieces. */
function readAll(pieces: readonly Buffer[]): {
  readonly requests: readonly Attributes[];
  readonly malformed: string | null;
} {
  const reader = new RequestReader();
  const requests: Attributes[] = [];
  let malformed: string | null = null;
  for (const piece of pieces) {
    const reading = reader.read(piece);
    requests.push(...reading.requests);
    malformed = reading.malformed;
  }
  return { requests, malformed };
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [...at, bytes.length].map((end, index) => bytes.subarray(index === 0 ? 0 : at[index - 1], end));
}

const value = fc.string({ unit: 'grapheme', maxLength: 60 }).filter((text) => !/[\n\0]/.test(text));
const request = fc.dictionary(fc.stringMatching(/^[a-z_]{1,20}$/), value, {
  minKeys: 1,
  maxKeys: 20,
  noNullPrototype: true,
});

t.test('requests come out as they went in, wherever the bytes are cut', async () => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 12 }), (requests, places) => {
      const bytes = Buffer.from(
        requests
          .map(
            (one) =>
              `${Object.entries(one)
                .map(([name, value]) => `${name}=${value}\n`)
                .join('')}\n`,
          )
          .join(''),
      );
      const { requests: read, malformed } = readAll(cut(bytes, places));
      t.equal(malformed, null);
      t.strictSame(
        read.map((attributes) => Object.fromEntries(attributes)),
        requests,
      );
    }),
  );
});

t.test('garbage never throws, is refused alike in any pieces, and keeps no more than it may', async () => {
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc
        .constantFrom('a=b\n', '\n', '=', '\n\n', '\0', 'x'.repeat(5000))
        .map((text) => new Uint8Array(Buffer.from(text))),
    ),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(pieces, fc.array(fc.nat(), { maxLength: 8 }), (given, places) => {
      const bytes = Buffer.concat(given);
      const once = readAll([bytes]);
      const cutUp = readAll(cut(bytes, places));
      t.strictSame(
        cutUp.requests.map((one) => [...one]),
        once.requests.map((one) => [...one]),
      );
      t.equal(cutUp.malformed, once.malformed);
      if (once.malformed !== null) t.match(once.malformed, /^[ -~]+$/);
    }),
  );
});

t.test('bounds', async (t) => {
  const malformed = (text: string) => readAll([Buffer.from(text, 'latin1')]).malformed;
  t.equal(malformed(`${'n'.repeat(64)}=${'v'.repeat(4096)}\n\n`), null);
  t.match(malformed(`${'n'.repeat(65)}=v\n\n`), /a name of more than 64/);
  t.match(malformed(`n=${'v'.repeat(4097)}\n\n`), /a value of more than 4096/);
  t.equal(malformed(`${'n=v\n'.repeat(100)}\n`), null);
  t.match(malformed(`${'n=v\n'.repeat(101)}\n`), /more than 100 attributes/);
  t.match(malformed('n=v\n'.repeat(9000)), /more than 32768 octets/, 'one that never ends');
  t.match(malformed('\n'), /without attributes/);
  t.match(malformed('n=a\0b\n\n'), /a NUL/);
  t.match(malformed('no equals sign\n\n'), /without an equals sign/);
  t.match(malformed('=v\n\n'), /a name that is none/);
  t.match(malformed('GET / HTTP/1.1\r\nHost: x=y\r\n\r\n\n\n'), /without an equals sign/);
  t.equal(
    readAll([Buffer.from('n=v\n\n'), Buffer.from('\n'), Buffer.from('n=v\n\n')]).requests.length,
    1,
    'it ends there',
  );
});

t.test('what an MTA tells', async (t) => {
  const read = (attributes: Record<string, string | number>) => {
    const [request] = readAll([Buffer.from(policyRequest(attributes))]).requests;
    return request === undefined ? 'nothing' : readPolicyRequest(request);
  };
  const fingerprint = Array.from({ length: 32 }, () => 'AB').join(':');
  t.match(
    read({
      protocol_state: 'END-OF-MESSAGE',
      instance: '1a.2b.3c.0',
      size: 1234,
      recipient_count: 3,
      queue_id: '4ABC',
      sasl_method: 'PLAIN',
      sasl_username: 'anna',
      ccert_subject: 'Acme,+20Inc.',
      ccert_fingerprint: fingerprint,
      policy_context: 'submission',
    }),
    {
      state: 'END-OF-MESSAGE',
      instance: '1a.2b.3c.0',
      size: 1234,
      recipientCount: 3,
      queueId: '4ABC',
      client: {
        address: '127.0.0.1',
        login: null,
        mta: { login: 'anna', daemon: 'submission' },
        certificate: { fingerprint256: fingerprint, subject: 'CN=Acme\\, Inc.', emails: [] },
      },
    },
  );
  t.match(read({}), {
    instance: '1.1.1.0',
    queueId: null,
    client: { mta: { login: null, daemon: null }, certificate: null },
  });
  t.match(read({ instance: '' }), { instance: null });
  t.match(read({ sasl_username: 'anna' }), { client: { mta: { login: null } } }, 'who without how is nobody');
  t.match(read({ client_address: 'unknown' }), { client: { address: 'unknown' } });
  t.match(read({ client_address: '' }), { client: { address: 'unknown' } });
  t.match(read({ client_address: '2001:db8::1' }), { client: { address: '2001:db8::1' } });
  t.match(
    read({ ccert_fingerprint: 'AB:CD' }),
    { client: { certificate: null } },
    'MD5 or SHA-1: anybody could make another',
  );
  for (const [attributes, reason] of [
    [{ request: 'junk' }, /not an SMTP access policy request/],
    [{ protocol_state: 'HELO2' }, /unknown protocol_state/],
    [{ client_address: 'unix' }, /client_address/],
    [{ client_address: '1.2.3' }, /client_address/],
    [{ instance: 'a b' }, /instance/],
    [{ instance: 'x'.repeat(129) }, /instance/],
    [{ size: -1 }, /number/],
    [{ size: '1e9' }, /number/],
    [{ recipient_count: 'many' }, /number/],
  ] as const) {
    t.match(read(attributes), reason, JSON.stringify(attributes));
  }
});
