import type { Test } from 'tap';
import type { Store, StoreTimes } from '../../../src/store/contract.js';

/** An empty store, as two processes see it. Whatever opens it ends it with the test. */
export interface OpenedStore {
  readonly store: Store;
  /** Another process' connection to the same data. */
  readonly second: Store;
  /** Moves the clock of the store, for both connections. */
  advance(ms: number): Promise<void>;
}

export type OpenStore = (t: Test, times: StoreTimes) => Promise<OpenedStore>;

/** Registers one story: a test with an empty store of its own. */
export type Story = (title: string, body: (t: Test, opened: OpenedStore) => Promise<void>) => void;
