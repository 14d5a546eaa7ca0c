import { SingleBar } from 'cli-progress';

export interface TimeBar {
  /** How far it came. */
  at(instant: number, done: number): void;
  stop(): void;
}

/** A bar over a span of time on standard error; nothing where nobody watches. */
export function timeBar(from: number, to: number, what: string): TimeBar {
  if (process.stderr.isTTY !== true) return { at: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    format: `[{bar}] {percentage}% | {done} ${what} | {eta_formatted} to go`,
    stream: process.stderr,
    barsize: Math.max(5, Math.min(40, process.stderr.columns - 50)),
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(Math.max(1, to - from), 0, { done: 0 });
  return { at: (instant, done) => bar.update(Math.max(0, instant - from), { done }), stop: () => bar.stop() };
}
