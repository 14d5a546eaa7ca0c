/** Octets for a script, each as one character (latin1): Redis' `struct` reads them. */
export class Packed {
  constructor(readonly octets: string) {}
}

const OCTETS_OF_DOUBLE = 8;

/** Doubles, little-endian, as `Packed` has them. */
export function packNumbers(numbers: readonly number[]): string {
  const buffer = Buffer.allocUnsafe(numbers.length * OCTETS_OF_DOUBLE);
  for (const [index, number] of numbers.entries()) buffer.writeDoubleLE(number, index * OCTETS_OF_DOUBLE);
  return buffer.toString('latin1');
}

export function unpackNumbers(octets: Buffer): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < octets.length; at += OCTETS_OF_DOUBLE) numbers.push(octets.readDoubleLE(at));
  return numbers;
}
