import type { FaultClass } from '../outcome.js';

/**
 * A way of saying whose fault it was. The tables are tried from top to bottom and
 * the first that matches decides, so their order is their weight.
 */
export interface Wording {
  readonly class: FaultClass;
  /** Tried on the text in lower case, its addresses replaced by `@`, white space as one blank. */
  readonly pattern: RegExp;
  /** A text of that kind, in our own words: the test's input, and what the documentation shows. */
  readonly example: string;
  /**
   * `certain` wordings decide whatever the status code says; `likely` ones yield to
   * a status code that is specific.
   */
  readonly weight: 'certain' | 'likely';
}
