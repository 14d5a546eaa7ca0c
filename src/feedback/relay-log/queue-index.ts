import type { QueueFile } from './queue-file.js';

/**
 * The messages that are remembered, by queue id and machine: several machines
 * may write one log, and each has ids of its own. Files of one id are heard of,
 * and grow old, together.
 */
export class QueueIndex {
  /** Least recently heard first. */
  readonly #files = new Map<string, QueueFile[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The one on that machine; with null, the only one anywhere. */
  find(id: string, host: string | null): QueueFile | null {
    const files = this.#files.get(id);
    if (files === undefined) return null;
    if (host === null) return files.length === 1 ? (files[0] ?? null) : null;
    return files.find((file) => file.host === host) ?? null;
  }

  /** Its machine must have none of that id. */
  add(file: QueueFile): void {
    this.#files.set(file.id, [...(this.#files.get(file.id) ?? []), file]);
    this.#size += 1;
  }

  /** A line was about it. */
  heard(file: QueueFile, at: number): void {
    file.heardAt = Math.max(file.heardAt, at);
    const files = this.#files.get(file.id);
    if (files === undefined) return;
    this.#files.delete(file.id);
    this.#files.set(file.id, files);
  }

  remove(file: QueueFile): void {
    const files = this.#files.get(file.id) ?? [];
    const left = files.filter((other) => other !== file);
    if (left.length === 0) this.#files.delete(file.id);
    else this.#files.set(file.id, left);
    this.#size -= files.length - left.length;
  }

  /** The files of each id, least recently heard first; those that are come by may be removed. */
  byAge(): Iterable<readonly QueueFile[]> {
    return this.#files.values();
  }
}
