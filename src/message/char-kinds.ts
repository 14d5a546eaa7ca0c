/** Of UTF-16 units: what words are made of. Scripts without spaces have ideographs, each a word. */
export const OTHER = 1;
export const LETTER = 2;
export const IDEOGRAPH = 3;
/** Kind of each UTF-16 unit, found when first asked for; surrogates are no letters. */
const kinds = new Uint8Array(0x10000);

export function kindOf(code: number): number {
  const known = kinds[code];
  if (known !== 0 && known !== undefined) return known;
  const char = String.fromCharCode(code);
  const kind = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}]/u.test(char)
    ? IDEOGRAPH
    : /[\p{L}\p{N}]/u.test(char)
      ? LETTER
      : OTHER;
  kinds[code] = kind;
  return kind;
}
