import type { Readiness } from '../desk/http.js';
import type { MetricsSnapshot } from '../telemetry/metrics.js';

/** What the primary process tells its workers. */
export type ToWorker =
  | { readonly sluice: 'report'; readonly request: number }
  | { readonly sluice: 'reload' }
  | { readonly sluice: 'stop' };

/** What a worker tells the primary. */
export type ToPrimary =
  | { readonly sluice: 'started'; readonly listeners: readonly string[] }
  | { readonly sluice: 'report'; readonly request: number; readonly report: WorkerReport }
  | { readonly sluice: 'reloaded'; readonly refused: string | null };

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
