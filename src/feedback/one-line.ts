const MAX_LENGTH = 1_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
const BLANKS = /[\s\x00-\x1f\x7f-\x9f]+/g;

/** A foreign text in one line without control characters, at most 1,000 characters. */
export function oneLine(text: string): string {
  return text
    .slice(0, 4 * MAX_LENGTH)
    .replace(BLANKS, ' ')
    .trim()
    .slice(0, MAX_LENGTH);
}
