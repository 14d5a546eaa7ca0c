import type { AccountProfile, Identity } from '../account/contract.js';

/** The account of a session, with everything that its transactions are judged by. */
export interface KnownAccount {
  readonly identity: Identity;
  readonly profile: AccountProfile;
}
