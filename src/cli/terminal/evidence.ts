import type { Consent } from '../../store/contract.js';
import { plain } from './output.js';

/** What proves a consent, one line each, for a person. */
export function evidenceLines({ source, evidence }: Pick<Consent, 'source' | 'evidence'>): readonly string[] {
  const rows: [string, string | null][] = [
    ['source', source],
    ['ip', evidence?.ip ?? null],
    ['url', evidence?.url ?? null],
    ['text', evidence?.text ?? null],
    ['confirmed', evidence?.confirmedAt == null ? null : new Date(evidence.confirmedAt).toISOString()],
    ['proof', evidence?.proof == null ? null : `SHA-256 ${evidence.proof}`],
  ];
  return [
    ...rows.flatMap(([name, value]) => (value === null ? [] : [`  ${name.padEnd(10)}${plain(value)}`])),
    ...(evidence === null ? ['  without evidence'] : []),
  ];
}
