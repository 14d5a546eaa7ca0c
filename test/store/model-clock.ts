import type { OpenedStore } from './contract/story.js';

/** A store, and what the model takes for its time. */
export class ModelClock {
  readonly opened: OpenedStore;
  now: number;

  constructor(opened: OpenedStore, now: number) {
    this.opened = opened;
    this.now = now;
  }

  async advance(ms: number): Promise<void> {
    this.now += ms;
    await this.opened.advance(ms);
  }
}
