import { fieldsNamed } from './header-fields.js';
import type { Inspection } from './inspection.js';

/** What a DKIM-Signature field claims (RFC 6376 §3.5); whether it holds is for receivers to verify. */
export interface DkimSignature {
  /** `d=`, in lower case. */
  readonly domain: string;
  /** `h=`: names of the fields that it covers, in lower case. */
  readonly fields: readonly string[];
}

const MOST = 20;

/** The signatures that a message brings, from the top. Wish: `header`. */
export function findDkimSignatures({ header }: Pick<Inspection, 'header'>): readonly DkimSignature[] {
  return fieldsNamed(header, 'dkim-signature')
    .slice(0, MOST)
    .flatMap(({ value }) => {
      const tags = new Map(
        value.split(';').map((tag): [string, string] => {
          const equals = tag.indexOf('=');
          return [tag.slice(0, equals).trim(), tag.slice(equals + 1).replace(/\s+/g, '')];
        }),
      );
      const domain = tags.get('d')?.toLowerCase();
      if (domain === undefined || domain === '') return [];
      return [{ domain, fields: (tags.get('h') ?? '').toLowerCase().split(':') }];
    });
}
