import t from 'tap';
import { evidenceFromCsv, evidenceFromJson } from '../../src/audit/evidence-reading.js';
import type { AuditCase } from '../../src/store/contract.js';
import fc from '../support/property.js';

const AUDIT: AuditCase = {
  id: 'audit.00000000000001',
  account: 'acme',
  kind: 'request',
  addresses: ['ann@example.net', 'bob@example.net'].map((key) => ({ key, answer: null })),
  sample: null,
  openedAt: 0,
  by: 'olga',
  note: '',
  dueAt: 1,
  verdict: null,
  state: 'open',
  readAt: 0,
};
const AUTHOR = { by: 'account', note: '' };

t.test('columns by name, in any order; the same by JSON', async (t) => {
  const csv = 'IP,Address,shoe size,account\n192.0.2.7,Ann@Example.net,38,\n192.0.2.8,bob@example.net,,zenith\n';
  const reading = await evidenceFromCsv(Buffer.from(csv), AUDIT, AUTHOR);
  t.match(reading, {
    answers: [{ key: 'ann@example.net', by: 'account', consent: { source: 'account', evidence: { ip: '192.0.2.7' } } }],
    problems: [{ place: 'line 3', problem: 'of another account' }],
  });
  const byJson = evidenceFromJson([{ address: 'ann@example.net', ip: '192.0.2.7' }], AUDIT, AUTHOR);
  t.same(byJson.answers, reading.answers);
  t.match(await evidenceFromCsv(Buffer.from('ip\n192.0.2.7\n'), AUDIT, AUTHOR), { problems: [{ place: 'line 1' }] });
  t.match(await evidenceFromCsv(Buffer.alloc(0), AUDIT, AUTHOR), { problems: [{ place: 'line 1' }] });
});

t.test('whatever comes, nothing is thrown, and nobody else is answered for', async (t) => {
  const known = new Set(AUDIT.addresses.map(({ key }) => key));
  const ours = (reading: { readonly answers: readonly { readonly key: string }[] }): boolean =>
    reading.answers.every(({ key }) => known.has(key));
  await t.resolves(
    fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), fc.boolean(), async (octets, headed) => {
        const csv = Buffer.concat([Buffer.from(headed ? 'address,ip,proof\n' : ''), octets]);
        return ours(await evidenceFromCsv(csv, AUDIT, AUTHOR));
      }),
      { numRuns: 300 },
    ),
  );
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.jsonValue(), (value) => ours(evidenceFromJson(value, AUDIT, AUTHOR))),
      { numRuns: 300 },
    ),
  );
});
