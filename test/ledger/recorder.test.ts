import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { decodeDecision } from '../../src/ledger/codec.js';
import { createRecorder, type RecorderOptions } from '../../src/ledger/recorder.js';
import type { Store } from '../../src/store/contract.js';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import { until } from '../support/until.js';
import { sampleDecision } from '../telemetry/sample-decision.js';

const times = { callTimeoutMs: 30_000, reservationTtlMs: 600_000, sessionTtlMs: 180_000 };

async function openStore(t: Test): Promise<Store> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-recorder-'));
  const store = await openEmbeddedStore({ path: join(folder, 'store.db'), times });
  t.teardown(async () => {
    await store.close().catch(() => undefined);
    await rm(folder, { recursive: true });
  });
  return store;
}

/** A recorder whose store can be taken away and put back: closed stores really fail. */
function recorderOn(store: Pick<Store, 'appendDecisions'>, changes: Partial<RecorderOptions> = {}) {
  const seen = { dropped: 0, troubles: [] as string[], fresh: store };
  const recorder = createRecorder({
    store: { appendDecisions: (decisions, bounds) => seen.fresh.appendDecisions(decisions, bounds) },
    bounds: () => ({ maxAgeMs: 1e12, maxCount: 1_000_000 }),
    passes: () => 1,
    texts: () => 'leave-out',
    onDropped: (count) => {
      seen.dropped += count;
    },
    onTrouble: (trouble) => seen.troubles.push(trouble === null ? 'over' : 'began'),
    ...changes,
  });
  return { recorder, seen };
}

const ids = async (store: Store): Promise<readonly string[]> => {
  const found: string[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: Awaited<ReturnType<Store['decisions']>> = await store.decisions(
      cursor === '' ? { limit: 500 } : { limit: 500, cursor },
    );
    for (const stored of page.items) found.push(decodeDecision(stored).id);
    cursor = page.next;
  }
  return found.reverse();
};

const numbered = (from: number, count: number) =>
  Array.from({ length: count }, (_, i) => sampleDecision({ id: `T${from + i}` }));

t.test('decisions reach the store in order, without anyone asking', async (t) => {
  const store = await openStore(t);
  const { recorder, seen } = recorderOn(store);
  for (const decision of numbered(0, 450)) recorder.record(decision);
  await recorder.close();
  t.same(
    await ids(store),
    numbered(0, 450).map(({ id }) => id),
  );
  t.equal(seen.dropped, 0);
});

t.test('one that comes alone is written by itself soon', async (t) => {
  const store = await openStore(t);
  const written = new Promise<void>((resolve) => {
    const { recorder } = recorderOn({
      appendDecisions: async (decisions, bounds) => {
        await store.appendDecisions(decisions, bounds);
        resolve();
      },
    });
    recorder.record(sampleDecision());
  });
  // The recorder's timer holds no process open; this one does, while the test waits.
  const hold = setInterval(() => undefined, 1_000);
  await written;
  clearInterval(hold);
  t.same(await ids(store), ['T1']);
});

t.test('a store that is away delays nothing, loses nothing within the bound, and is told of once', async (t) => {
  const gone = await openStore(t);
  await gone.close();
  const { recorder, seen } = recorderOn(gone);
  for (const decision of numbered(0, 300)) recorder.record(decision);
  await recorder.flush();
  await recorder.flush();
  t.same(seen.troubles, ['began']);
  t.equal(seen.dropped, 0);
  seen.fresh = await openStore(t);
  for (const decision of numbered(300, 10)) recorder.record(decision);
  // A first one may be the attempt of a timer, that began while the store was away.
  await until('written', async () => recorder.flush().then(() => seen.troubles.at(-1) === 'over' || null));
  t.same(seen.troubles, ['began', 'over']);
  t.same(
    await ids(seen.fresh as Store),
    numbered(0, 310).map(({ id }) => id),
  );
  await recorder.close();
});

t.test('beyond the bound the oldest go, and are counted', async (t) => {
  const gone = await openStore(t);
  await gone.close();
  const { recorder, seen } = recorderOn(gone);
  const [recipient] = sampleDecision().recipients;
  if (recipient === undefined) return;
  const recipients = Array.from({ length: 999 }, () => recipient);
  for (let i = 0; i < 50; i += 1) recorder.record(sampleDecision({ id: `T${i}`, recipients }));
  await recorder.flush();
  t.equal(seen.dropped, 30, '20 decisions with 999 recipients each fit');
  seen.fresh = await openStore(t);
  await recorder.close();
  t.same(
    await ids(seen.fresh as Store),
    Array.from({ length: 20 }, (_, i) => `T${30 + i}`),
  );
});

t.test('closing without a store ends in time, and counts what is lost', async (t) => {
  const gone = await openStore(t);
  await gone.close();
  const { recorder, seen } = recorderOn(gone);
  for (const decision of numbered(0, 5)) recorder.record(decision);
  await recorder.close();
  t.equal(seen.dropped, 5);
  recorder.record(sampleDecision());
  t.equal(seen.dropped, 6, 'nothing is taken any more');
  await recorder.close();
});

t.test('a store that never answers does not hold up the end', async (t) => {
  const { recorder, seen } = recorderOn({ appendDecisions: () => new Promise<void>(() => undefined) });
  recorder.record(sampleDecision());
  const hold = setInterval(() => undefined, 1_000);
  await recorder.close();
  clearInterval(hold);
  t.equal(seen.dropped, 1, 'even one that is on its way counts as lost');
});
