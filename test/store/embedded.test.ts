import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import type { OpenStore } from './contract/story.js';
import { contractSuite } from './contract-suite.js';
import { modelSuite } from './model-suite.js';

const open: OpenStore = async (t, times) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-store-'));
  let now = Date.now();
  const options = { path: join(folder, 'store.db'), times, clock: () => now };
  const [store, second] = await Promise.all([openEmbeddedStore(options), openEmbeddedStore(options)]);
  t.teardown(async () => {
    await Promise.all([store.close(), second.close()]);
    await rm(folder, { recursive: true });
  });
  return {
    store,
    second,
    advance: async (ms) => {
      now += ms;
    },
  };
};

contractSuite('embedded', open);
modelSuite('embedded', open);
