const LETTERS: readonly string[] = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet));

/** The letter at that place; none behind the end. Some twenty are read for each message: cheaper so than by `toString`. */
export function letterAt(octets: Buffer, place: number): string {
  return LETTERS[octets[place] ?? -1] ?? '';
}
