/**
 * Texts made comparable: lower case, no accents, one kind of space between words.
 * `Désabonnez-vous` becomes `desabonnez vous`.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
const ASCII = /^[\x00-\x7f]*$/;
/** Letters that do not come apart in Unicode's decompositions. */
const LETTERS: Readonly<Record<string, string>> = { ı: 'i', ł: 'l', ß: 'ss', ø: 'o', æ: 'ae', œ: 'oe', đ: 'd' };
const LETTER = /[ıłßøæœđ]/g;
const MARKS = /[\p{M}\u00ad\u200b-\u200f\u2060-\u2064\ufeff\u0640]+/gu;
const HYPHENS = /[-_\u2010-\u2015\u2212]/g;
const APOSTROPHES = /[\u2018\u2019\u201b\u00b4`]/g;
const DIGITS = /[\u0660-\u0669\u06f0-\u06f9]/g;

export function foldText(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase().replace(HYPHENS, ' ');
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(MARKS, '')
    .replace(LETTER, (letter) => LETTERS[letter] ?? letter)
    .replace(HYPHENS, ' ')
    .replace(APOSTROPHES, "'")
    .replace(DIGITS, (digit) => String(digit.charCodeAt(0) & 0xf));
}
