import { FAULT_OF, type FaultClass } from '../outcome.js';
import { replyCodeIn } from './status-code.js';

/** How reporters say that the refusal came before any recipient had been named. */
const BEFORE_RECIPIENTS: readonly RegExp[] = [
  // Exim, GMX.
  /\bafter\s{1,10}(?:pipelined\s{1,10}|sending\s{1,10})?(?:initial\s{1,10}connection|EHLO|HELO|MAIL)\b/i,
  // Postfix.
  /\brefused\s{1,10}to\s{1,10}talk\s{1,10}to\s{1,10}me\b/i,
  /\bin\s{1,10}(?:reply|response)\s{1,10}to\s{1,10}(?:the\s{1,10})?(?:EHLO|HELO|MAIL(?:\s{1,10}FROM)?)\s{1,10}command\b/i,
  // Transcripts of Sendmail and those like it.
  /^[ \t]*>>>[ \t]*MAIL FROM:[^\n]{0,1000}\n[ \t]*<<<[ \t]*[45]\d\d/im,
  /\bSMTP command[ \t]*\n[ \t]*(?:EHLO|HELO|MAIL FROM)\b/i,
];

/** Another of the recipient's servers, or the same one later, did name it. */
const AT_RECIPIENT =
  /^[ \t]*>>>[ \t]*RCPT TO:[^\n]{0,1000}\n[ \t]*<<<[ \t]*[45]\d\d|\bin\s{1,10}reply\s{1,10}to\s{1,10}RCPT\b/im;

/**
 * What a server refuses in its greeting, at EHLO or at MAIL FROM is us (RFC 5321
 * §3.3): "does not exist" is said there of our address or domain, never of the
 * recipient. That it put us off for days (4xx) stays what it is.
 */
export function unlessOfSender(fault: FaultClass, context: string): FaultClass {
  if (FAULT_OF[fault] !== 'recipient') return fault;
  if (fault === 'expired' && !replyCodeIn(context)?.startsWith('5')) return fault;
  if (AT_RECIPIENT.test(context)) return fault;
  return BEFORE_RECIPIENTS.some((pattern) => pattern.test(context)) ? 'reputation' : fault;
}
