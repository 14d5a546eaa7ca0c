/** Something that reads bytes of strangers, and what must hold for all of them. */
export interface FuzzTarget {
  readonly name: string;
  /** Well-formed inputs to start from. */
  readonly seeds: readonly string[];
  /** Words that mutations put in; all are Latin-1, as the seeds are. */
  readonly words: readonly string[];
  /** Throws when something does not hold. */
  run(input: Buffer): void;
}

/** Cuts the input in chunks, at places that its own bytes tell, so that an input says it all. */
export function chunksOf(input: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  let from = 0;
  while (from < input.length) {
    const length = 1 + ((input[from] ?? 0) % 7) ** 2;
    chunks.push(input.subarray(from, from + length));
    from += length;
  }
  return chunks;
}

export function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}
