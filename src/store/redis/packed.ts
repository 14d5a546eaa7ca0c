/** Octets for a script, each as one character (latin1): Redis' `struct` reads them. */
export class Packed {
  constructor(readonly octets: string) {}
}

export const OCTETS_OF_NUMBER = 8;

/** Doubles, little-endian, as `Packed` has them. */
export function packNumbers(numbers: readonly number[]): string {
  const buffer = Buffer.allocUnsafe(numbers.length * OCTETS_OF_NUMBER);
  for (const [index, number] of numbers.entries()) buffer.writeDoubleLE(number, index * OCTETS_OF_NUMBER);
  return buffer.toString('latin1');
}
