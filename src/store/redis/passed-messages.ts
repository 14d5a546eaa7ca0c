import type { Instant, PassedMessage, RememberedMessage } from '../contract.js';
import { MOST_NAMESAKES, namesIn } from '../reported-message.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';

interface Kept extends RememberedMessage {
  /** By the store's clock; the key's own expiry only frees the memory. */
  readonly until: Instant;
}

/** Messages that the relay took, and the names that reports may call them by. */
export class PassedMessages {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  async put(message: PassedMessage, windowMs: number): Promise<void> {
    const verb = 'rememberPassed';
    const at = await this.link.now(verb);
    const { id, queueId, envid, messageId } = message;
    const queueIds = queueId === null ? [] : [queueId];
    const remembered: Kept = { ...message, at, until: at + windowMs };
    await Promise.all([
      this.link.command(verb, 'SET', this.keys.passedMessage(id), JSON.stringify(remembered), 'PX', windowMs),
      ...namesIn({ queueIds, envid, messageId }).map((name) => this.#name(verb, name, remembered, windowMs)),
    ]);
  }

  /** The relay calls it that too, after a content filter. */
  addName(verb: string, name: string, message: RememberedMessage, windowMs: number): Promise<unknown> {
    return this.#name(verb, name, message, windowMs);
  }

  async find(id: string): Promise<RememberedMessage | null> {
    return this.of('passedMessage', id, await this.link.now('passedMessage'));
  }

  async of(verb: string, id: string, now: Instant): Promise<RememberedMessage | null> {
    const text = (await this.link.command(verb, 'GET', this.keys.passedMessage(id))) as string | null;
    if (text === null) return null;
    const { until, ...message } = JSON.parse(text) as Kept;
    return until > now ? message : null;
  }

  async named(verb: string, name: string, now: Instant): Promise<RememberedMessage[]> {
    const args = [this.keys.messageName(name), 0, MOST_NAMESAKES - 1];
    const ids = (await this.link.command(verb, 'ZREVRANGE', ...args)) as string[];
    const found = await Promise.all(ids.map((id) => this.of(verb, id, now)));
    return found.filter((message) => message !== null);
  }

  #name(
    verb: string,
    name: string,
    { id, at }: { readonly id: string; readonly at: Instant },
    windowMs: number,
  ): Promise<unknown> {
    const args = [this.link.clock(), id, at, windowMs, MOST_NAMESAKES];
    return this.link.script(verb, 'name-message', [this.keys.messageName(name)], args);
  }
}
