import type { LookRequest, RecipientRequest, RecipientSight } from '../contract.js';
import type { Outcomes } from './outcomes.js';
import type { Revocations } from './revocations.js';
import type { Suppressions } from './suppressions.js';

/** What reserving, charging and looking tell about a recipient beside its windows. */
export class RecipientFacts {
  constructor(
    private readonly suppressions: Suppressions,
    private readonly revocations: Revocations,
    private readonly outcomes: Outcomes,
  ) {}

  of(
    recipient: RecipientRequest,
    { account, facts }: Pick<LookRequest, 'account' | 'facts'>,
    now: number,
  ): Omit<RecipientSight, 'windows'> {
    return {
      suppression: facts.suppression ? this.suppressions.closest(recipient, account, now) : null,
      revocation: facts.revocation ? this.revocations.of(recipient.key, account) : null,
      rejections: facts.rejections ? this.outcomes.of(recipient.key, account, now) : null,
    };
  }
}
