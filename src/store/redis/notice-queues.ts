import {
  MOST_WAITING_NOTICES,
  type NewNotice,
  NOTICE_KNOWN_MS,
  type NoticeChannel,
  type NoticeQueue,
  type NoticeTurn,
  type QueuedNotice,
} from '../contract.js';
import { escapeBraces, type Keys } from './keys.js';
import type { Link } from './link.js';

/** Notices to accounts: few, so all queues are in one slot and a script sees them together. */
export class NoticeQueues {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  async queue(notices: readonly NewNotice[]): Promise<{ readonly queued: number; readonly dropped: number }> {
    if (notices.length === 0) return { queued: 0, dropped: 0 };
    const each = notices.flatMap((notice) => [nameOf(notice), escapeBraces(nameOf(notice)), notice.key, notice.body]);
    const args = [this.link.clock(), NOTICE_KNOWN_MS, MOST_WAITING_NOTICES, ...each];
    const reply = await this.link.script('queueNotices', 'queue-notices', this.#scriptKeys, args);
    const [queued, dropped] = reply as [number, number];
    return { queued, dropped };
  }

  async take({ limit, ttlMs }: { readonly limit: number; readonly ttlMs: number }): Promise<NoticeTurn | null> {
    const args = [this.link.clock(), limit, ttlMs];
    const reply = await this.link.script('takeNotices', 'take-notices', this.#scriptKeys, args);
    if (reply === null) return null;
    const [name = '', ...flat] = reply as string[];
    const queue = queueNamed(name);
    return { ...queue, notices: pairsIn(flat).map(([key, body]) => noticeIn(queue, key, body)) };
  }

  async settle(queue: NoticeQueue, told: readonly string[], againAfterMs: number): Promise<void> {
    const name = nameOf(queue);
    const args = [this.link.clock(), name, escapeBraces(name), againAfterMs, ...told];
    await this.link.script('settleNotices', 'settle-notices', this.#scriptKeys, args);
  }

  async waiting({ account, limit }: { readonly account?: string; readonly limit: number }): Promise<QueuedNotice[]> {
    const verb = 'waitingNotices';
    const names = (await this.link.command(verb, 'ZRANGE', this.keys.noticeQueues, 0, -1)) as string[];
    const queues = names.map(queueNamed).filter((queue) => account === undefined || queue.account === account);
    const found = await Promise.all(queues.map((queue) => this.#first(verb, queue, limit)));
    return found.flat();
  }

  async #first(verb: string, queue: NoticeQueue, limit: number): Promise<QueuedNotice[]> {
    const stem = `${this.keys.noticeStem}${escapeBraces(nameOf(queue))}`;
    const ids = (await this.link.command(verb, 'ZRANGE', `${stem}:o`, 0, limit - 1)) as string[];
    if (ids.length === 0) return [];
    const bodies = (await this.link.command(verb, 'HMGET', `${stem}:b`, ...ids)) as (string | null)[];
    return ids.map((key, index) => noticeIn(queue, key, bodies[index] ?? ''));
  }

  get #scriptKeys(): readonly string[] {
    return [this.keys.noticeQueues, this.keys.noticeStem];
  }
}

/** Channel, a space, account. */
function nameOf({ channel, account }: NoticeQueue): string {
  return `${channel} ${account}`;
}

function queueNamed(name: string): NoticeQueue {
  const space = name.indexOf(' ');
  return { channel: name.slice(0, space) as NoticeChannel, account: name.slice(space + 1) };
}

/** `<at>,<body>` */
function noticeIn({ channel, account }: NoticeQueue, key: string, text: string): QueuedNotice {
  const comma = text.indexOf(',');
  return { channel, account, key, at: Number(text.slice(0, comma)), body: text.slice(comma + 1) };
}

function pairsIn(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index] ?? '', flat[2 * index + 1] ?? '']);
}
