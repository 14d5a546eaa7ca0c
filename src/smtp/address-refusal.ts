import type { RelayReply } from './reply.js';

/**
 * Whether a relay's permanent refusal at RCPT speaks of the address (it counts
 * for the rejection streak, AUP "E-Mail Requirements", bullet 11) or of anything
 * else: us, our reputation, a policy, the sender. Only a refusal that clearly
 * means the address counts; text and status are both heard, since relays say
 * `5.1.1` with a blocklist's words (design, "Whose fault was it?").
 */
export function refusesAddress(reply: RelayReply): boolean {
  if (reply.code < 500 || reply.code > 599) return false;
  const text = reply.lines.join(' ');
  if (OUR_FAULT.test(text)) return false;
  const status = /^\s*5\.(\d{1,3})\.(\d{1,3})\b/.exec(reply.lines[0] ?? '');
  if (status === null) return ADDRESS_WORDS.test(text);
  return ADDRESS_STATUS.has(`${status[1]}.${status[2]}`);
}

// RFC 3463 §3.2, §3.3 and RFC 7505: bad destination mailbox, system, syntax,
// ambiguous, moved, null MX; mailbox disabled. Not 1.7, 1.8 (the sender's).
const ADDRESS_STATUS = new Set(['1.0', '1.1', '1.2', '1.3', '1.4', '1.6', '1.10', '2.1']);

const OUR_FAULT =
  /block(ed)?[ -]?list|black[ -]?list|\bRBL\b|DNSBL|spamhaus|spamcop|barracuda|reputation|S3150|\bblocked\b|\bspam\b|\bpolicy\b|relay(ing)? (access )?(denied|not permitted)|not permitted to relay|\bSPF\b|\bDKIM\b|\bDMARC\b|rate limit|too many|sender (address )?rejected|authentication/i;

const ADDRESS_WORDS =
  /(user|recipient|mailbox|address|account)\b.{0,40}\b(unknown|not found|does ?n[o']t exist|no longer|disabled|inactive|unavailable)|(unknown|no such|invalid|inactive) (local )?(user|recipient|mailbox|address|account)/i;
