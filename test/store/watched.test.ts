import t from 'tap';
import type { Store } from '../../src/store/contract.js';
import { watchedStore } from '../../src/store/watched.js';

/** Two verbs, one of which ends when it is told to. */
class FakeStore {
  readonly #answers: (() => void)[] = [];

  async ping(): Promise<number> {
    if (this.#answers.length > 1) throw new Error('away');
    return this.#answers.length;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#answers.push(resolve));
  }

  answerOne(): void {
    this.#answers.shift()?.();
  }
}

function watchedFake() {
  const fake = new FakeStore();
  const told: string[] = [];
  const watched = watchedStore(fake as unknown as Store, {
    timeStore: (verb, ms) => told.push(`${verb} ${ms >= 0}`),
    storeFailed: (verb) => told.push(`${verb} failed`),
  });
  return { fake, told, ...watched };
}

t.test('each call of a verb is measured, and gives what the store gave', async (t) => {
  const { store, told, fake } = watchedFake();
  t.equal(await store.ping(), 0);
  const closing = [store.close(), store.close()];
  await t.rejects(store.ping(), { message: 'away' });
  t.same(told, ['ping true', 'ping true', 'ping failed']);
  fake.answerOne();
  fake.answerOne();
  await Promise.all(closing);
  t.same(told.slice(3), ['close true', 'close true']);
});

t.test('it is settled when no call is under way, those made meanwhile too', async (t) => {
  const { store, settled, fake } = watchedFake();
  await t.resolves(settled(), 'nothing was asked yet');
  const first = store.close();
  const seen: string[] = [];
  const waiting = Promise.all([settled().then(() => seen.push('settled')), settled()]);
  const second = store.close();
  fake.answerOne();
  await first;
  t.same(seen, []);
  fake.answerOne();
  await second;
  await waiting;
  t.same(seen, ['settled']);
});
