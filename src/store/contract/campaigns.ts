import type { AccountId, AddressKey, Instant, Page } from './values.js';

/** `seen`: nobody has decided about it. */
export type CampaignState = 'seen' | 'approved' | 'refused';

/** Messages alike of one account. */
export interface Campaign {
  readonly account: AccountId;
  /** Unique for the account; `ALL_CAMPAIGNS` for what was decided about all of them. */
  readonly id: string;
  readonly state: CampaignState;
  /** Who decided, when and why; null while `seen`. */
  readonly decided: { readonly by: string; readonly at: Instant; readonly note: string } | null;
  readonly firstAt: Instant;
  readonly latestAt: Instant;
  /** Messages seen, refused ones too: a retry counts again. */
  readonly messages: number;
  /** Distinct recipients in the first of the windows that the latest sighting asked about. */
  readonly recipients: number;
  /** Of the first message, at most 200 octets each; '' if it had none. */
  readonly subject: string;
  readonly sender: string;
}

/** The id that stands for all campaigns of an account, those to come too. */
export const ALL_CAMPAIGNS = '*';

/** One message that is about to go out. */
export interface CampaignSighting {
  readonly account: AccountId;
  /** Messages alike share at least one of these: at most 64, of 1 to 64 octets without spaces. */
  readonly marks: readonly string[];
  /** What it is compared by, kept with a campaign that it begins: opaque, at most 4 KiB. */
  readonly signature: string;
  /** Whether a message of that signature is alike: asked about campaigns that share a mark. Pure. */
  isAlike(signature: string): boolean;
  readonly recipients: readonly AddressKey[];
  /** Lengths of the rolling windows to count distinct recipients in, ms; the first one also decides what is kept. */
  readonly windowsMs: readonly [number, ...number[]];
  /** Beyond so many distinct recipients no more are remembered: the count stays there. */
  readonly countTo: number;
  /** With so many recipients in the first window it is kept for `keepMs` and listed; before that it is forgotten after the longest window. */
  readonly keepFrom: number;
  readonly keepMs: number;
  readonly subject: string;
  readonly sender: string;
}

export interface CampaignAnswer {
  readonly campaign: Campaign;
  /** Distinct recipients, this message's included, in each window asked about. */
  readonly recipients: readonly number[];
  /** What was decided about all campaigns of the account. */
  readonly ofAccount: CampaignState;
}

export interface CampaignDecision {
  readonly account: AccountId;
  readonly id: string;
  readonly state: CampaignState;
  readonly by: string;
  readonly note: string;
  readonly keepMs: number;
}

export interface CampaignQuery {
  readonly account?: AccountId;
  readonly state?: CampaignState;
  /** From a previous page's `next`. */
  readonly cursor?: string;
  readonly limit: number;
}

/** Of an account so many are remembered at most: the oldest go, those that were not worth keeping first. */
export const MOST_CAMPAIGNS = { passing: 5_000, kept: 1_000 } as const;

export interface CampaignStore {
  /**
   * Counts a message to a campaign that it is alike to, or begins one.
   * Atomic: two processes that see alike messages at once count to the same
   * campaign. The same recipients again change no count of recipients.
   */
  sightCampaign(sighting: CampaignSighting): Promise<CampaignAnswer>;
  /** Null: there is no such campaign. A decision about all of an account's is kept until it is changed. */
  decideCampaign(decision: CampaignDecision): Promise<Campaign | null>;
  /** Those worth keeping or decided about, by account, the latest first. */
  campaigns(query: CampaignQuery): Promise<Page<Campaign>>;
}
