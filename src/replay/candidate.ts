import type { Accounts } from '../account/contract.js';
import type { PolicyContext } from '../transaction/context.js';

/** The policy by which recorded mail is judged again. */
export interface Candidate
  extends Pick<PolicyContext, 'anonymous' | 'policyOf' | 'wordsFor' | 'isOwnDomain' | 'feedback'> {
  readonly accounts: Pick<Accounts, 'profileOf'>;
}
