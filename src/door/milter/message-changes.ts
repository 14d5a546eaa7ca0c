import { ACTION, has, STEP } from './flags.js';
import type { MilterTransaction } from './milter-transaction.js';
import type { Agreement } from './negotiation.js';
import { addHeader, changeHeader, insertHeader } from './response.js';

/**
 * What the MTA is to change in a message that it may have, in the order of the
 * packets, and no more than it agreed to: our trace field on top of the header
 * section and no other of that name, and the fields that the message lacks at
 * its end.
 *
 * @param traceField name of the field that carries the transaction's id; null: none
 * @param forgedTraces how many fields of that name the message brought
 */
export function messageChanges(
  { actions, steps }: Agreement,
  message: Pick<MilterTransaction, 'id' | 'addedFields'>,
  traceField: string | null,
  forgedTraces: number,
): Buffer[] {
  const changes: Buffer[] = [];
  if (!has(actions, ACTION.addHeader)) return changes;
  // Who hears fields with the space after the colon must write them so, too.
  const space = has(steps, STEP.leadingSpace) ? ' ' : '';
  if (traceField !== null) {
    // From the last to the first: taking one out renumbers those behind it.
    for (let nth = has(actions, ACTION.changeHeader) ? forgedTraces : 0; nth > 0; nth -= 1) {
      changes.push(changeHeader(nth, traceField, ''));
    }
    changes.push(insertHeader(0, traceField, `${space}${message.id}`));
  }
  for (const { name, value } of message.addedFields) changes.push(addHeader(name, `${space}${value}`));
  return changes;
}
