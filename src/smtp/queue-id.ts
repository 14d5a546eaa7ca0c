import type { RelayReply } from './reply.js';

/**
 * What the relay calls the message that it accepted, read from its 250: the
 * wordings of Postfix and Haraka, Exim, Sendmail, and qmail. Null when the reply
 * does not tell.
 */
export function queueIdOf(reply: RelayReply): string | null {
  const text = reply.lines.join(' ');
  for (const wording of WORDINGS) {
    const found = wording.exec(text)?.[1];
    if (found !== undefined) return found;
  }
  return null;
}

const WORDINGS = [
  /queued as ([A-Za-z0-9._-]{3,64})/i,
  /\bid=([A-Za-z0-9-]{6,64})/,
  /^(?:2\.\d+\.\d+ )?([A-Za-z0-9]{8,32}) Message accepted for delivery/,
  /\bok (\d+ qp \d+)/i,
];
