import type { SourceFinding } from './findings.js';
import type { Inspection } from './inspection.js';

export interface SourceContext {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A Date further off than this is a finding, milliseconds. */
  readonly dateWithin: { readonly past: number; readonly future: number };
}

/** Faults of the header section that obscure where the message is from. Asks no DNS. Wish: `header`. */
export function findSourceProblems(_inspection: Inspection, _context: SourceContext): readonly SourceFinding[] {
  return [];
}
