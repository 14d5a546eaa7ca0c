/** Milliseconds since the epoch by the store's clock. */
export type Instant = number;

/**
 * What is answerable for mail: the unit of every limit. Printable, no space, at
 * most 128 octets (`account/account-id.ts` checks).
 */
export type AccountId = string;

/** An address in its normal form (`smtp/address.ts`, `Address.key`), or `@domain` for a whole domain. */
export type AddressKey = string;

/** The store did not answer in time, refused, or is not usable. `cause` has the driver's error. */
export class StoreUnavailable extends Error {
  readonly code = 'STORE_UNAVAILABLE';
  constructor(
    /** The verb that was under way. */
    readonly verb: string,
    options?: { cause?: unknown },
  ) {
    super(`store: ${verb} failed: ${options?.cause instanceof Error ? options.cause.message : 'no answer'}`, options);
    this.name = 'StoreUnavailable';
  }
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Null: this was the last page. */
  readonly next: string | null;
}
