import type { Batch } from './batch.js';

/** One way to an account. Rejects when it could not be told; it is tried again. */
export interface Carrier {
  carry(batch: Batch): Promise<void>;
}
