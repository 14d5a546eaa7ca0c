import type { Writable } from 'node:stream';

/** Waits until the stream takes more, or is closed; calls `late` when that takes longer than `ms`. Never rejects. */
export function drained(stream: Writable, ms: number, late: () => void): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      stream.off('drain', over);
      stream.off('close', over);
      resolve();
    };
    const timer = setTimeout(() => {
      late();
      over();
    }, ms);
    stream.on('drain', over);
    stream.on('close', over);
    if (stream.destroyed) over();
  });
}
