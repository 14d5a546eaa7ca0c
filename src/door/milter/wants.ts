import { ACTION } from './flags.js';
import type { Wants } from './negotiation.js';
import type { MilterSettings } from './settings.js';

/** What an MTA has to be able to do for what the settings ask for, with the fields that are put into messages. */
export function wantsOf({
  content,
  refusedMessages,
  traceField,
  addsFields,
}: Pick<MilterSettings, 'content' | 'refusedMessages' | 'traceField' | 'addsFields'>): Wants {
  const actions =
    (refusedMessages === 'quarantine' ? ACTION.quarantine : 0) |
    (traceField === null ? 0 : ACTION.addHeader | ACTION.changeHeader) |
    (addsFields ? ACTION.addHeader : 0);
  // Only who sees the fields can take out those that a client forged, and knows which ones are missing.
  const needsHeader = traceField !== null || addsFields;
  return { content: content === 'nothing' && needsHeader ? 'header' : content, actions };
}
