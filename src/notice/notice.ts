import type { AddressKey, AuditCase, Instant, ReputationLevel, ReputationMeasure } from '../store/contract.js';

/** What an account is told, as it waits in the store. */
export type Notice =
  | {
      readonly kind: 'revocation';
      readonly address: AddressKey;
      /** Of this list only (List-Id); null: of all mail of the account, or of a list that the reporter did not name. */
      readonly list: string | null;
      /** The same of a stream of campaigns. */
      readonly stream: string | null;
      /** How it came: `one-click`, `remove-mail` … */
      readonly source: string;
    }
  | { readonly kind: 'audit'; readonly event: AuditEvent; readonly audit: string }
  | { readonly kind: 'reputation'; readonly measure: ReputationMeasure; readonly level: ReputationLevel };

export type AuditEvent = 'opened' | 'expiring' | 'missed' | 'decided';

/** A notice that is about to be told, and what it speaks of. */
export type ToldNotice = { readonly key: string; readonly at: Instant } & (
  | (Extract<Notice, { kind: 'revocation' }> & { readonly revokedAt: Instant })
  | Extract<Notice, { kind: 'reputation' }>
  | { readonly kind: 'audit'; readonly event: AuditEvent; readonly audit: AuditCase }
);
