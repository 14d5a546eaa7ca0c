import type { FaultClass, ReportedAction } from '../outcome.js';
import { comparableWords } from './comparable-words.js';
import { OTHER_WORDINGS } from './other-wordings.js';
import { RECIPIENT_WORDINGS } from './recipient-wordings.js';
import { unlessOfSender } from './refused-sender.js';
import { SENDER_WORDINGS } from './sender-wordings.js';
import { classOfStatus, isSpecific } from './status-code.js';
import type { Wording } from './wording.js';

/** All tables in the order in which they are tried: what is said of us weighs most, since it must touch nobody else. */
export const WORDINGS: readonly Wording[] = [...SENDER_WORDINGS, ...RECIPIENT_WORDINGS, ...OTHER_WORDINGS];

/** The first wording that a text matches. */
export function wordingOf(text: string): Wording | null {
  const words = comparableWords(text);
  return WORDINGS.find(({ pattern }) => pattern.test(words)) ?? null;
}

/**
 * Whose fault a failure or delay was. Words weigh more than codes (both "5.1.1 …
 * blocked using …" and "5.7.1 user unknown" occur), a specific code more than
 * words that only say that something went wrong.
 */
export function classify(text: string, status: string | null, action: ReportedAction): FaultClass {
  const said = wordingOf(text);
  const coded = status !== null && isSpecific(status) ? classOfStatus(status) : null;
  const found = said?.weight === 'certain' ? said.class : (coded ?? said?.class ?? 'undetermined');
  return unlessOfSender(action === 'failed' ? settled(found, text, status) : unsettled(found, action), text);
}

/** While it is tried, nothing has expired, whatever the code is already (`delayed`, 4.4.7). */
function unsettled(found: FaultClass, action: ReportedAction): FaultClass {
  return found === 'expired' && action === 'delayed' ? 'network' : found;
}

/**
 * A failure of the way is nobody's until the queue gives up: from then on the
 * recipient's side could not be reached for days (RFC 3463, X.4.7). An internal
 * error stays what it is, and so does a greylist, whose subject is who sends.
 */
function settled(found: FaultClass, text: string, status: string | null): FaultClass {
  if (found !== 'network') return found;
  const wasTried = status === null || status.startsWith('4') || /^5\.4\./.test(status);
  return wasTried && !INTERNAL.test(text) ? 'expired' : found;
}

const INTERNAL =
  /gr[ae]y ?-?list|postgrey|internal|system error|local (?:problem|error)|i\/o error|out of memory|insufficient|disk|tls|ssl|certificate/i;
