import type { Bounds } from './inspection.js';

/**
 * What is left of the bounds for the parts of a message. The messages in it draw
 * on the same one, those in a transfer encoding too: wrapping gets nobody more.
 * Not taken off is the header section of the message itself, or of one whose
 * transfer encoding is undone.
 */
export class Allowance {
  parts: number;
  /** Of header sections of parts. */
  fieldOctets: number;
  fields: number;
  /** Of texts; 0 where they are not kept. */
  textOctets: number;
  /** Of messages whose transfer encoding is to be undone. */
  encodedOctets: number;

  constructor(bounds: Bounds, depth: 'header' | 'structure' | 'text') {
    this.parts = bounds.parts;
    this.fieldOctets = bounds.headerOctets;
    this.fields = bounds.headerFields;
    this.textOctets = depth === 'text' ? bounds.textOctets : 0;
    this.encodedOctets = bounds.textOctets;
  }
}
