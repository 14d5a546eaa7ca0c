import type { RuleId } from '../policy/rule.js';
import type { WindowLimit } from '../store/contract.js';
import { formatDuration } from '../units/duration.js';

/** Something that the record cannot answer, or not fully. */
export type Gap =
  /** A rule is on that was off then, so that what it goes by was not asked for. */
  | { readonly kind: 'not-gathered'; readonly rule: RuleId }
  /** Rejection streaks of the other scope were not asked for. */
  | { readonly kind: 'streak-scope' }
  /** Suppressions of an address without its tag were not asked for. */
  | { readonly kind: 'subaddress' }
  /** The use of a window is not in the record. */
  | { readonly kind: 'window'; readonly limit: Pick<WindowLimit, 'rule' | 'resource' | 'perMs'> }
  /** The store was away, and rules that need it were not judged. */
  | { readonly kind: 'store-away' }
  /** It passes now where it was refused then, so nobody knows what the rules after that would have seen. */
  | { readonly kind: 'refused-early' }
  /** Objections to a session, of which the record has no facts: only modes could be tried. */
  | { readonly kind: 'session' }
  /** Of Sluice 0.1, whose decisions hold fewer facts. */
  | { readonly kind: 'old' };

/** Alike for gaps of one kind about one thing. */
export function gapKey(gap: Gap): string {
  if (gap.kind === 'not-gathered') return `${gap.kind} ${gap.rule}`;
  if (gap.kind === 'window') return `${gap.kind} ${gap.limit.rule} ${gap.limit.resource} ${gap.limit.perMs}`;
  return gap.kind;
}

const SENTENCES: Readonly<Record<Exclude<Gap['kind'], 'not-gathered' | 'window'>, string>> = {
  'streak-scope': 'recipient.rejections: the streaks of this scope were not asked for',
  subaddress: 'recipient.suppressed: suppressions of the address without its tag were not asked for',
  'store-away': 'the store was away then, so that rules were not judged',
  'refused-early': 'refused then and not now: what later rules and the relay would have said is not known',
  session: 'objections as the client connected or logged in are kept without their facts: only modes were tried',
  old: 'recorded by Sluice 0.1, with fewer facts',
};

/** For a person. */
export function gapInWords(gap: Gap): string {
  if (gap.kind === 'not-gathered') return `${gap.rule}: was off then, and what it goes by was not asked for`;
  if (gap.kind !== 'window') return SENTENCES[gap.kind];
  const { rule, resource, perMs } = gap.limit;
  return `${rule}: the use of ${resource} per ${formatDuration(perMs)} was not recorded`;
}
