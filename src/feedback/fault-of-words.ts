import type { FaultClass } from './outcome.js';

/** Whose fault a failure was, by its status and words. */
export function faultOfWords(status: string | null, text: string): FaultClass {
  if (
    /block(ed)?[ -]?list|black[ -]?list|\bRBL\b|DNSBL|spamhaus|reputation|S3150|\bblocked\b|rate limit|too many/i.test(
      text,
    )
  )
    return 'reputation';
  if (/\bspam\b|virus/i.test(text)) return 'content';
  if (
    /(user|recipient|mailbox|address|account)\b.{0,40}\b(unknown|not found|does ?n[o']t exist)|(unknown|no such) (local )?(user|recipient|mailbox)/i.test(
      text,
    )
  )
    return 'unknown';
  if (status === null) return 'undetermined';
  const subject = status.slice(2);
  if (/^1\.[0126]$/.test(subject)) return 'unknown';
  if (subject === '2.1') return 'disabled';
  if (subject === '2.2') return 'full';
  return status.startsWith('4') ? 'network' : 'undetermined';
}
