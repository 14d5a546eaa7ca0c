import { isAuditId } from '../../audit/audit-id.js';
import { readToken, signToken } from '../signed-token.js';

export interface AnswerLinkSettings {
  /** Where accounts reach the listener; links are `URL/e/TOKEN`. */
  readonly url: string;
  /** The first signs, all verify. */
  readonly keys: readonly string[];
}

const PURPOSE = 'evidence of consent 1';

/** Where an account answers a case. It holds as long as the case takes answers. */
export function answerLink(audit: string, { url, keys }: AnswerLinkSettings): string {
  return `${url}/e/${signToken(audit, PURPOSE, keys[0] ?? '')}`;
}

/** The case that a token is for; null: we did not make it. */
export function auditOfToken(token: string, keys: readonly string[]): string | null {
  const reading = readToken(token, PURPOSE, keys);
  return reading.ok && isAuditId(reading.payload) ? reading.payload : null;
}
