import { createHash } from 'node:crypto';
import type { Decision, RecipientDecision } from '../ledger/decision.js';
import { parseAddress } from '../smtp/path.js';
import type { AddressKey } from '../store/contract.js';

interface Ranked {
  readonly key: AddressKey;
  readonly rank: number;
}

/** 48 bits: exact in a number, and two of a million recipients share one in a case of 500. */
const RANK_OCTETS = 6;

/**
 * Draws recipients of an account at random: each has a rank out of a hash of the
 * seed and its address, and the lowest are drawn. So the order of mail and how
 * often somebody was mailed change nothing, and whoever has the seed and the
 * decisions can draw the same again.
 */
export class RecipientSample {
  readonly #ranks = new Set<number>();
  #lowest: Ranked[] = [];

  constructor(
    private readonly seed: string,
    private readonly size: number,
  ) {}

  take(decision: Decision): void {
    if (decision.ending !== 'accepted' && decision.ending !== 'passed') return;
    for (const recipient of decision.recipients) {
      if (wasMailed(recipient)) this.#add(recipient.address);
    }
  }

  result(): { readonly keys: readonly AddressKey[]; readonly outOf: number } {
    this.#cut();
    return { keys: this.#lowest.map(({ key }) => key).sort(), outOf: this.#ranks.size };
  }

  #add(spelled: string): void {
    const address = parseAddress(spelled);
    if (address === null || address.domain === '') return;
    const { key } = address;
    const rank = createHash('sha256').update(`${this.seed}\n${key}`).digest().readUIntBE(0, RANK_OCTETS);
    if (this.#ranks.has(rank)) return;
    this.#ranks.add(rank);
    this.#lowest.push({ key, rank });
    if (this.#lowest.length >= 2 * this.size) this.#cut();
  }

  #cut(): void {
    this.#lowest = this.#lowest.sort((one, other) => one.rank - other.rank).slice(0, this.size);
  }
}

/** By the client's reply; where an MTA asked us it is empty or ours, and the verdict says it. */
function wasMailed({ verdict, reply }: RecipientDecision): boolean {
  return verdict === 'pass' && (reply === '' || reply.startsWith('2'));
}
