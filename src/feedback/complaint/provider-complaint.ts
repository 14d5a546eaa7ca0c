import { FORWARD_SUBJECT, REPLY_SUBJECT } from '../bounce/phrases.js';
import type { HeaderSection } from '../mime/header-section.js';

/**
 * Complaints of providers that send no ARF part: the message as an attachment, or
 * its header section in the text, and a subject or sender that says what it is
 * (Outlook.com's JMRP, SpamCop, and the older loops of access providers).
 */
const SUBJECT =
  /^complaint about message from|\[spamcop \(|^(?:\[?\w{0,20}\]?\s?)?(?:spam|abuse|junk|jmrp|fbl|feedback loop|e-?mail feedback|unsolicited)(?: ?\/ ?\w+)?[ -](?:mail )?(?:complaint|report|notification|feedback)|feedback report for|abuse report(?: from| for|:|$)|reported as (?:spam|junk|abuse)|user complaint|spam complaint|smart network data|スパム報告|迷惑メール報告|жалоба на (?:спам|рассылку)/i;
const SENDER =
  /^(?:staff|scomp|fbl|feedback|feedback-?loop|jmrp|jmrpp?s?|abuse|complaints?|arf|spam|reports?|no-?reply|noreply|postmaster|fblreports?|spamreports?|abuse-?reports?|feedbackproc|abuse-?desk|trustandsafety|\d{6,})@|@(?:reports|devnull)\.spamcop\.net$/i;

/** What a provider writes into the message that somebody complains about; so a relay may have changed From. */
const MARKS = ['x-hmxmroriginalrecipient', 'x-reporter-ip'];

export function isProviderComplaint(from: string | null, subject: string, returned: HeaderSection | null): boolean {
  if (returned === null || from === null || REPLY_SUBJECT.test(subject) || FORWARD_SUBJECT.test(subject)) return false;
  return SUBJECT.test(subject) && (SENDER.test(from) || MARKS.some((name) => returned.has(name)));
}
