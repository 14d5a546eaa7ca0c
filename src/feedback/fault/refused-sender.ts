import { FAULT_OF, type FaultClass } from '../outcome.js';

/** How reporters say that the refusal answered MAIL FROM, and no recipient had been named yet. */
const AT_MAIL_FROM: readonly RegExp[] = [
  // Exim, GMX.
  /\bafter\s{1,10}(?:pipelined\s{1,10}|sending\s{1,10})?MAIL\b/i,
  // Postfix.
  /\bin\s{1,10}(?:reply|response)\s{1,10}to\s{1,10}(?:the\s{1,10})?MAIL(?:\s{1,10}FROM)?\s{1,10}command\b/i,
  // Transcripts of Sendmail and those like it.
  /^[ \t]*>>>[ \t]*MAIL FROM:[^\n]{0,1000}\n[ \t]*<<<[ \t]*[45]\d\d/im,
  /\bSMTP command[ \t]*\n[ \t]*MAIL FROM\b/i,
];

/**
 * What a server refuses at MAIL FROM is the sender (RFC 5321 §3.3): "does not
 * exist" is said there of our address or domain, never of the recipient. That
 * nobody could be reached for days stays what it is.
 */
export function unlessOfSender(fault: FaultClass, context: string): FaultClass {
  if (FAULT_OF[fault] !== 'recipient' || fault === 'expired') return fault;
  return AT_MAIL_FROM.some((pattern) => pattern.test(context)) ? 'reputation' : fault;
}
