const OWN_STATUS = /^[245]\.\d{1,3}\.\d{1,3} /;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they would end the reply early
const CONTROL = /[\x00-\x1f\x7f]/g;

/**
 * A reply that the library words (our own are `Reply`s), as it goes out
 * (RFC 5321 §4.2.1). A line that brings its enhanced status along keeps it, any
 * other gets the generic one. Texts may have a client's words in them: whatever
 * they are, there are as many lines as were given.
 *
 * @param generic enhanced status (RFC 3463); empty: none belongs here
 */
export function libraryReply(code: number, lines: readonly string[], generic: string): string {
  const last = lines.length - 1;
  const text = lines.map((line, index) => {
    const status = generic === '' || OWN_STATUS.test(line) ? '' : `${generic} `;
    return `${code}${index < last ? '-' : ' '}${status}${line.replace(CONTROL, ' ')}\r\n`;
  });
  return text.join('');
}
