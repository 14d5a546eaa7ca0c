import cluster from 'node:cluster';
import type { Config } from '../config/schema.js';
import type { Readiness } from '../desk/http.js';
import type { MetricsSnapshot } from '../telemetry/metrics.js';

/** What the primary process tells its workers. */
export type ToWorker =
  /** What to run by: the answer to `asksConfig`. */
  | { readonly sluice: 'config'; readonly config: Config }
  | { readonly sluice: 'report'; readonly request: number }
  | { readonly sluice: 'reload'; readonly request: number; readonly config: Config }
  | { readonly sluice: 'stop' };

/** What a worker tells the primary. */
export type ToPrimary =
  | { readonly sluice: 'asksConfig' }
  | { readonly sluice: 'started'; readonly listeners: readonly string[] }
  | { readonly sluice: 'report'; readonly request: number; readonly report: WorkerReport }
  | { readonly sluice: 'reloaded'; readonly request: number; readonly refused: string | null };

const ANSWER_MS = 10_000;

export interface WorkerReport {
  readonly metrics: MetricsSnapshot;
  readonly readiness: Readiness;
}

export function isToWorker(message: unknown): message is ToWorker {
  return typeof message === 'object' && message !== null && 'sluice' in message;
}

export function isToPrimary(message: unknown): message is ToPrimary {
  return typeof message === 'object' && message !== null && 'sluice' in message;
}

/** A primary that was killed a moment ago is no error: `disconnect` comes next. */
export function tellPrimary(message: ToPrimary): void {
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}

/**
 * The same for what node itself tells the primary, such as that a connection was
 * taken: with nobody to hear its error the process would end at once, and the
 * mail under way with it.
 */
export function outlivePrimary(): void {
  cluster.worker?.on('error', () => undefined);
}

/**
 * The config that the primary runs by, for a worker that starts. A worker does
 * not read the file: it may have been edited since and not reloaded, and a
 * worker that replaces a dead one must be like its siblings.
 */
export function configOfPrimary(): Promise<Config> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the primary process sent no config')), ANSWER_MS);
    const heard = (message: unknown): void => {
      if (!isToWorker(message) || message.sluice !== 'config') return;
      clearTimeout(late);
      process.off('message', heard);
      resolve(message.config);
    };
    process.on('message', heard);
    tellPrimary({ sluice: 'asksConfig' });
  });
}
