import type { PostalAddressSign } from './findings.js';
import { foldText } from './folded-text.js';
import type { Inspection, TextPart } from './inspection.js';
import type { Words } from './words.js';

const MAX_SIGNS = 10;
const MAX_LINE = 300;
const MAX_LINES = 20_000;

/** Postcodes as countries write them, with what must be beside those that are a mere number. */
const POSTCODES: readonly RegExp[] = [
  /(?<![\p{L}\p{N}])(?:A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY])[.,]? {1,3}\d{5}(?:-\d{4})?(?!\d)/u,
  /(?<![\p{L}\p{N}])[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}(?![\p{L}\p{N}])/u,
  /(?<![\p{L}\p{N}])[A-Z]\d[A-Z] ?\d[A-Z]\d(?![\p{L}\p{N}])/u,
  /(?<![\p{L}\p{N}])\d{4} ?[A-Z]{2}(?![\p{L}\p{N}])/u,
  /(?<!\d)\d{2}-\d{3} \p{Lu}/u,
  /(?<!\d)\d{4}-\d{3}(?!\d)/u,
  /(?<!\d)\d{5}-\d{3}(?!\d)/u,
  /(?:〒|(?<!\d))\d{3}-\d{4}(?!\d)/u,
  /(?<![\p{L}\p{N}])(?:[A-Z]{1,2}[- ])?\d{4,5},? \p{Lu}\p{L}+/u,
  /(?<!\p{L})\p{L}{2,},? (?:NSW|VIC|QLD|WA|SA|TAS|ACT|NT)? ?\d{4}(?!\d)/u,
  /(?<!\d)\d{6}(?!\d)/u,
  /(?<!\d)\d{5}(?!\d)/u,
];

/** The registered postal addresses, and what else looks like one. Wish: `text`. */
export function findPostalAddresses(
  inspection: Inspection,
  registered: readonly string[],
  words: Words,
): readonly PostalAddressSign[] {
  const found = ownTexts(inspection).flatMap((text) => looksIn(text, words));
  return [...findRegisteredAddresses(inspection, registered), ...found].slice(0, MAX_SIGNS);
}

/** The registered ones alone. Wish: `text`. */
export function findRegisteredAddresses(
  inspection: Inspection,
  registered: readonly string[],
): readonly PostalAddressSign[] {
  const wanted = registered.map(lettersOf).filter((letters) => letters !== '');
  return ownTexts(inspection).flatMap((text) => registeredIn(text, registered, wanted));
}

function ownTexts({ texts }: Inspection): readonly TextPart[] {
  return texts.filter(({ embedded, kind }) => !embedded && kind !== 'calendar');
}

/** However it is broken in lines and punctuated. */
function registeredIn(
  text: TextPart,
  registered: readonly string[],
  wanted: readonly string[],
): readonly PostalAddressSign[] {
  if (wanted.length === 0) return [];
  const letters = lettersOf(text.visible);
  return wanted.flatMap((address, index) =>
    letters.includes(address)
      ? [{ part: text.part, text: (registered[index] ?? '').slice(0, 200), by: 'registered' }]
      : [],
  );
}

function lettersOf(text: string): string {
  return foldText(text).replace(/[^\p{L}\p{N}]+/gu, '');
}

/** A postcode, and a street with a number in its line or in the two around it; or a post-office box. */
function looksIn(text: TextPart, words: Words): readonly PostalAddressSign[] {
  const lines = text.visible
    .split('\n', MAX_LINES)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const found: PostalAddressSign[] = [];
  for (const [index, line] of lines.entries()) {
    if (found.length >= MAX_SIGNS) break;
    if (!/\d/.test(line)) continue;
    const window = lines.slice(Math.max(0, index - 2), index + 2).map((one) => one.slice(0, MAX_LINE));
    const sign = signOf(line.slice(0, 5 * MAX_LINE), window.join('\n'), words);
    if (sign !== null) found.push({ part: text.part, text: sign.text.slice(0, 200), by: sign.by });
  }
  return found;
}

function signOf(line: string, window: string, words: Words): Pick<PostalAddressSign, 'text' | 'by'> | null {
  const box = words.streets.find(foldText(line)).find(({ entry }) => entry === 'po-box');
  if (box !== undefined && /^[\s.:#nNo°]{0,6}\d/.test(foldText(line).slice(box.end)))
    return { text: line, by: 'po-box' };
  for (const postcode of POSTCODES) {
    const match = postcode.exec(line);
    if (match === null) continue;
    // What is around the postcode, without its own digits.
    const around = line.length > MAX_LINE ? line.slice(Math.max(0, match.index - 120), match.index + 60) : window;
    if (hasStreet(around.replace(match[0], ' \n '), words))
      return { text: around.replace(/\s*\n\s*/g, ', '), by: 'postcode-and-street' };
  }
  return null;
}

/** A street's word with a house number near it: `12 Main St`, `Hauptstraße 5`, `ul. Długa 7`. */
function hasStreet(text: string, words: Words): boolean {
  const folded = foldText(text);
  const near = (at: number, end: number): boolean =>
    /\d[\da-z]{0,4}[\s,.]+(?:[^\d\n]{0,40}\s)?$/.test(folded.slice(Math.max(0, at - 60), at)) ||
    /^[^\d\n]{0,40}?\s?\d{1,5}(?!\d)/.test(folded.slice(end, end + 60));
  if (words.streets.find(folded).some(({ entry, at, end }) => entry === 'street' && near(at, end))) return true;
  return words.streetEnding?.test(folded) === true;
}
