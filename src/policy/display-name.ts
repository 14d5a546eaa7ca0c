/** Display names that pose as somebody else. */

import type { Address } from '../smtp/address.js';
import { matchesAnyPattern } from '../smtp/address-pattern.js';
import { parseAddress } from '../smtp/path.js';

export interface Brand {
  readonly name: string;
  readonly domains: readonly string[];
}

export interface PoserQuestion {
  /** Whether addresses in the name are looked for. */
  readonly addresses: boolean;
  readonly brands: readonly Brand[];
  /** What the account may use anyway. Null: anything. */
  readonly senders: readonly string[] | null;
}

export interface Poser {
  readonly kind: 'posesAsAddress' | 'posesAsBrand';
  readonly as: string;
}

const ADDRESS = /[^\s<>"'()[\],;:@]{1,64}\s?[@\uff20]\s?[^\s<>"'()[\],;:@]{1,255}/gu;

/** Whom the display name of a mailbox poses as; null: nobody. */
export function poserIn(name: string, address: Address | null, question: PoserQuestion): Poser | null {
  if (question.addresses) {
    const other = otherAddressIn(name, address, question.senders);
    if (other !== null) return { kind: 'posesAsAddress', as: other };
  }
  const plain = skeleton(name);
  const brand = question.brands.find((one) => containsWords(plain, skeleton(one.name)) && !isOf(address, one.domains));
  return brand === undefined ? null : { kind: 'posesAsBrand', as: brand.name };
}

function otherAddressIn(name: string, address: Address | null, senders: readonly string[] | null): string | null {
  for (const [written] of name.slice(0, 1000).matchAll(ADDRESS)) {
    const read = parseAddress(written.replace(/\s/g, '').replace('\uff20', '@').replace(/\.+$/, ''));
    if (read === null || !read.domain.includes('.') || read.key === address?.key) continue;
    if (senders === null ? read.domain === address?.domain : matchesAnyPattern(read, senders)) continue;
    return written;
  }
  return null;
}

function isOf(address: Address | null, domains: readonly string[]): boolean {
  if (address === null) return false;
  return domains.some((domain) => address.domain === domain || address.domain.endsWith(`.${domain}`));
}

/** As whole words; spaces and punctuation within do not matter (`Pay Pal`, `P.a.y.P.a.l`). */
function containsWords(text: string, brand: string): boolean {
  const squeezed = brand.replaceAll(' ', '');
  if (squeezed === '') return false;
  const words = text.split(' ');
  for (let from = 0; from < words.length; from += 1) {
    let joined = '';
    for (let to = from; to < words.length && joined.length < squeezed.length; to += 1) {
      joined += words[to];
      if (joined === squeezed) return true;
    }
  }
  return false;
}

/** Letters of other scripts, and digits, that pass for Latin ones: the common ones of Unicode's confusables. */
const LOOKALIKES: Readonly<Record<string, string>> = {
  а: 'a',
  с: 'c',
  ԁ: 'd',
  е: 'e',
  һ: 'h',
  і: 'i',
  ј: 'j',
  ӏ: 'l',
  м: 'm',
  о: 'o',
  р: 'p',
  ѕ: 's',
  т: 't',
  у: 'y',
  х: 'x',
  в: 'b',
  к: 'k',
  н: 'h',
  α: 'a',
  ε: 'e',
  ι: 'i',
  κ: 'k',
  ν: 'v',
  ο: 'o',
  ρ: 'p',
  τ: 't',
  υ: 'u',
  χ: 'x',
  ı: 'i',
  ł: 'l',
  ø: 'o',
  '0': 'o',
  '1': 'l',
  '3': 'e',
  '5': 's',
  $: 's',
  '|': 'l',
};

/** What a reader takes it for: no case, no accents, look-alikes as what they look like, words parted by one space. */
export function skeleton(text: string): string {
  const folded = text
    .slice(0, 1000)
    .normalize('NFKD')
    .replace(/\p{M}|\p{Cf}/gu, '')
    .toLowerCase();
  const plain = [...folded].map((letter) => LOOKALIKES[letter] ?? letter).join('');
  // Look-alike twice: `l` for a capital `I`.
  return plain
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replaceAll('i', 'l');
}
