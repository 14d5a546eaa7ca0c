import type { Reply } from '../../smtp/reply.js';

/** What Sendmail takes of a line, and of a reply; more would be refused as a whole. */
const MAX_LINE = 980;
const MAX_LINES = 32;

/**
 * A reply as a filter words it: the lines as they go to the client, with code,
 * separator and enhanced status code (RFC 2034 §4: on every line), joined by
 * CRLF, without one at the end. Percent signs are doubled: MTAs take the text
 * for a format.
 */
export function replyText({ code, status, lines }: Reply): string {
  const shown = lines.slice(0, MAX_LINES);
  const last = shown.length - 1;
  return shown
    .map((line, index) => {
      const text = `${code}${index < last ? '-' : ' '}${status === null ? '' : `${status} `}${line}`;
      return cut(text.replaceAll('\0', ' ')).replaceAll('%', '%%');
    })
    .join('\r\n');
}

/** Octets count, and a character is not cut in two. */
function cut(line: string): string {
  const octets = Buffer.from(line);
  return octets.length <= MAX_LINE ? line : octets.toString('utf8', 0, MAX_LINE).replace(/\ufffd+$/, '');
}
