/** Cases of the desk: their clock, their answers, their end. */

import { AUDIT_ANSWER_MS, type AuditCase, type NewAudit, type Store } from '../../../src/store/contract.js';
import { nowOf } from './sender.js';
import type { Story } from './story.js';
import { HOUR, MINUTE } from './times.js';

const ANN = 'ann@example.net';
const BOB = 'bob@example.net';
const EVIDENCE = { ip: '192.0.2.7', url: null, text: null, confirmedAt: null, proof: 'a'.repeat(64) };

export function newAudit(id: string, changes: Partial<NewAudit> = {}): NewAudit {
  return { id, account: 'acme', kind: 'request', keys: [ANN, BOB], sample: null, by: 'olga', note: '', ...changes };
}

const answerFor = (key: string, by = 'account') => ({
  key,
  by,
  note: '',
  consent: { source: 'web-form', at: 1_000, evidence: EVIDENCE },
});

/** But for when it was read. */
const kept = (audit: AuditCase | null) => ({ ...audit, readAt: 0 });

async function all(store: Store, query: { readonly account?: string; readonly undecided?: true } = {}) {
  const found: AuditCase[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Awaited<ReturnType<Store['audits']>> = await store.audits({
      ...query,
      limit: 2,
      ...(cursor === '' ? {} : { cursor }),
    });
    found.push(...page.items);
    cursor = page.next;
  }
  return found;
}

export function auditStories(story: Story): void {
  story('a case is open for 72 hours, answered by all addresses, and decided', async (t, { store, second }) => {
    const before = await nowOf(store);
    const opened = await store.openAudit(newAudit('audit.1', { note: 'ticket 4711' }));
    t.match(opened, { state: 'open', verdict: null, by: 'olga', note: 'ticket 4711', sample: null });
    t.ok(opened.openedAt >= before && opened.openedAt < before + MINUTE);
    t.equal(opened.readAt, opened.openedAt);
    t.equal(opened.dueAt, opened.openedAt + AUDIT_ANSWER_MS);
    t.equal(AUDIT_ANSWER_MS, 72 * HOUR);
    t.same(kept(await second.auditOf('audit.1')), kept(opened));
    const again = await second.openAudit(newAudit('audit.1', { keys: ['eve@example.net'] }));
    t.same(kept(again), kept(opened), 'it is there already');

    t.match(await second.answerAudit('audit.1', [answerFor(ANN), answerFor('eve@example.net')]), {
      state: 'open',
      addresses: [
        { key: ANN, answer: { by: 'account', consent: { evidence: EVIDENCE } } },
        { key: BOB, answer: null },
      ],
    });
    t.match(await store.answerAudit('audit.1', [answerFor(BOB), answerFor(ANN, 'olga')]), {
      state: 'answered',
      addresses: [{ answer: { by: 'olga' } }, { answer: { by: 'account' } }],
    });
    const closed = await store.closeAudit('audit.1', { result: 'satisfied', by: 'olga', note: 'all there' });
    t.match(closed, { state: 'closed', verdict: { result: 'satisfied', note: 'all there' } });
    const refused = await store.answerAudit('audit.1', [answerFor(BOB, 'late')]);
    t.same(kept(refused), kept(closed), 'it takes no more answers');
    t.match(await second.closeAudit('audit.1', { result: 'violation', by: 'olga', note: 'forged' }), {
      state: 'violation',
    });
    t.equal(await store.auditOf('none'), null);
    t.equal(await store.answerAudit('none', []), null);
    t.equal(await store.closeAudit('none', { result: 'violation', by: 'olga', note: '' }), null);
  });

  story('a case whose clock ran out is missed, whatever comes later', async (t, { store, second, advance }) => {
    await store.openAudit(newAudit('audit.1'));
    await store.answerAudit('audit.1', [answerFor(ANN)]);
    await advance(71 * HOUR);
    t.match(await second.auditOf('audit.1'), { state: 'open' });
    await advance(2 * HOUR);
    t.match(await second.auditOf('audit.1'), { state: 'missed' });
    t.match(await store.answerAudit('audit.1', [answerFor(ANN, 'late'), answerFor(BOB, 'late')]), {
      state: 'missed',
      addresses: [{ answer: { by: 'account' } }, { answer: { by: 'late' } }],
    });
  });

  story('that a test came back is noted once, and answers nothing', async (t, { store, second, advance }) => {
    await store.openAudit(newAudit('audit.1', { kind: 'probe' }));
    t.match(await second.noteAuditBounces('audit.1', [{ key: ANN, note: '550 5.1.1 unknown' }]), {
      state: 'open',
      addresses: [
        { key: ANN, answer: null, bounced: { note: '550 5.1.1 unknown' } },
        { key: BOB, answer: null },
      ],
    });
    await advance(HOUR);
    const again = await store.noteAuditBounces('audit.1', [
      { key: ANN, note: 'once more' },
      { key: 'eve@example.net', note: '' },
    ]);
    t.match(again?.addresses, [{ bounced: { note: '550 5.1.1 unknown' } }, {}]);
    t.equal(again?.addresses.length, 2);
    t.equal(again?.addresses[1]?.bounced, undefined);
    const byMail = { by: 'mail', consent: null, note: 'Re: test' };
    t.match(
      await store.answerAudit('audit.1', [
        { ...byMail, key: ANN },
        { ...byMail, key: BOB },
      ]),
      { state: 'answered', addresses: [{ answer: { by: 'mail' }, bounced: {} }, { answer: { by: 'mail' } }] },
      'a person may answer all the same',
    );
    t.equal(await store.noteAuditBounces('none', []), null);
  });

  story('what was answered in time stays answered', async (t, { store, advance }) => {
    await store.openAudit(newAudit('audit.1', { kind: 'probe', keys: [ANN] }));
    await store.answerAudit('audit.1', [{ key: ANN, by: 'mail', consent: null, note: 'Re: test' }]);
    await advance(100 * HOUR);
    t.match(await store.auditOf('audit.1'), { state: 'answered', addresses: [{ answer: { consent: null } }] });
  });

  story('cases are listed by account and age, and those that nobody decided about', async (t, { store, second }) => {
    for (const id of ['audit.3', 'audit.1', 'audit.2']) await store.openAudit(newAudit(id));
    const sample = { seed: 'x', since: 1, until: 2, outOf: 30 };
    await store.openAudit(newAudit('audit.0', { account: 'acme2', kind: 'sample', sample }));
    await store.closeAudit('audit.2', { result: 'violation', by: 'olga', note: '' });
    const idsOf = async (query: Parameters<typeof all>[1]) => (await all(second, query)).map(({ id }) => id);
    t.same(await idsOf({}), ['audit.1', 'audit.2', 'audit.3', 'audit.0']);
    t.same(await idsOf({ account: 'acme' }), ['audit.1', 'audit.2', 'audit.3']);
    t.same(await idsOf({ undecided: true }), ['audit.1', 'audit.3', 'audit.0']);
    t.same(await idsOf({ account: 'acme2', undecided: true }), ['audit.0']);
    t.same((await all(second, { account: 'acme2' }))[0]?.sample, sample);
    t.same(await idsOf({ account: 'nobody' }), []);
  });

  story('answers that come at once are all kept', async (t, { store, second }) => {
    const keys = Array.from({ length: 12 }, (_, index) => `r${index}@example.net`);
    await store.openAudit(newAudit('audit.1', { keys }));
    await Promise.all(
      keys.map((key, index) => (index % 2 === 0 ? store : second).answerAudit('audit.1', [answerFor(key)])),
    );
    t.match(await store.auditOf('audit.1'), { state: 'answered' });
  });
}
