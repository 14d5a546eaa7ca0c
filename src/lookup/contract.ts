/**
 * What Sluice asks others about a message: the DNS, blocklists, scanners. Every
 * answer comes within a time limit and says so when it is none: nobody's failure
 * looks like a finding.
 */

/** What the DNS says of a domain that mail is from. */
export interface MailDomain {
  readonly domain: string;
  /** Whether mail to it could be delivered: it has an MX or an address (RFC 5321 §5.1), and no null MX (RFC 7505). */
  readonly receives: 'yes' | 'no' | 'unknown';
  /** Why, in words. */
  readonly detail: string;
}

/** One address on one list. */
export interface Listing {
  readonly address: string;
  readonly zone: string;
  /** What the list answered: addresses within 127.0.0.0/8, each with a meaning of its own. */
  readonly codes: readonly string[];
}

export interface ListingsAnswer {
  readonly listings: readonly Listing[];
  /** Zones that gave no usable answer, and why. */
  readonly unanswered: readonly { readonly zone: string; readonly why: string }[];
}

export interface BlocklistZone {
  readonly zone: string;
  /** Answers that count; none: all that are listings. */
  readonly codes?: readonly string[];
}

/** `clean`, `infected`: what the scanner said. `unscanned`: larger than the scanner takes. `failed`: it did not say. */
export type VirusVerdict =
  | { readonly result: 'clean' }
  | { readonly result: 'infected'; readonly name: string }
  | { readonly result: 'unscanned' | 'failed'; readonly why: string };

export type SpamVerdict =
  | {
      readonly result: 'scored';
      readonly score: number;
      /** What rspamd would do: `reject`, `soft reject`, `add header` … */
      readonly action: string;
      /** The symbols that weigh most, at most 20. */
      readonly symbols: readonly { readonly name: string; readonly score: number }[];
    }
  | { readonly result: 'unscanned' | 'failed'; readonly why: string };

/** A pattern that a text matched. */
export interface PatternMatch {
  readonly pattern: string;
  readonly field: PatternField;
  /** What matched, cut to 100 characters. */
  readonly matched: string;
}

export type PatternField = 'subject' | 'from' | 'text' | 'link';

/** What patterns are looked for in. */
export type PatternTexts = { readonly [field in PatternField]: readonly string[] };

export interface ScanEnvelope {
  readonly client: string;
  readonly username: string | null;
  readonly reversePath: string;
  readonly recipients: readonly string[];
  readonly id: string;
}

/** A message on its way to a scanner. */
export interface Scan<Verdict> {
  /** The promise, if there is one, is for back-pressure and never rejects. */
  write(octets: Buffer): Promise<void> | undefined;
  /** The message is whole. Never rejects. */
  end(): Promise<Verdict>;
  /** Nobody wants to know any more. */
  abort(): void;
}

/** Null: not configured. */
export interface Lookups {
  mailDomain(domain: string): Promise<MailDomain>;
  listings(addresses: readonly string[], zones: readonly BlocklistZone[]): Promise<ListingsAnswer>;
  readonly virus: ((envelope: ScanEnvelope) => Scan<VirusVerdict>) | null;
  readonly spam: ((envelope: ScanEnvelope) => Scan<SpamVerdict>) | null;
  readonly patterns: ((texts: PatternTexts) => readonly PatternMatch[]) | null;
}
