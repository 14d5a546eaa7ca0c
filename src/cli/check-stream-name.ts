import type { Config } from '../config/schema.js';
import { isStreamName } from '../policy/mail-stream.js';
import type { AccountId } from '../store/contract.js';
import { policyOfAccount } from './account-policy.js';
import { EXIT, Failure } from './exit-codes.js';

/** Fails for a name that no mail of the account can have: who is said to have left it would get all mail as before. */
export function checkStreamName(config: Config, account: AccountId, name: string): void {
  const { revocations } = policyOfAccount(config, account).policy;
  if (isStreamName(name, revocations)) return;
  const declared = revocations.streams.map((stream) => stream.name);
  const known = declared.length === 0 ? 'none is declared' : `declared are ${declared.join(', ')}`;
  throw new Failure(EXIT.usage, `no mail of ${account} is of a stream ${name}: ${known}`);
}
