import type { RuleId } from '../../src/policy/rule.js';

/** One message of the corpus, and what one rule should say to it. */
export interface Case {
  readonly rule: RuleId;
  readonly name: string;
  readonly verdict: 'pass' | 'refuse';
  readonly message: string;
  readonly recipients?: readonly string[];
  readonly reversePath?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** What the store and others know. */
  readonly world?: World;
}

export interface World {
  readonly registered?: {
    readonly [domain: string]: Partial<Record<'privacyPolicy' | 'complaintAddress' | 'postalAddress', string>>;
  };
  readonly consented?: readonly string[];
  readonly campaign?: { readonly state: 'seen' | 'approved' | 'refused'; readonly recipients: number };
  readonly listed?: readonly string[];
}
