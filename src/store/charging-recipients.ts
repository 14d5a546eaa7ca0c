/** Charging for one recipient at once. */

import type { Charge, RecipientChargeRequest } from './contract/limits.js';
import { Reserving, type Room } from './reserving.js';
import { ofAccount, ofAccountTo, ofEveryoneTo } from './subjects.js';
import type { WindowView } from './window-view.js';

/** Judged as for a hold; what is granted is charged, and nothing stays held. */
export function chargeRecipient(
  request: RecipientChargeRequest,
  view: WindowView,
): { readonly room: Room; readonly charge: Charge | null } {
  const { lease, recipient, amounts, accountLimits, floodLimits } = request;
  const room = new Reserving({ ...request, recipients: [recipient], unheld: {}, ahead: 0 }, view, []).grant(recipient);
  if (!room.granted) return { room, charge: null };
  const entries = [
    ...view.charge(
      ofAccount(lease.account),
      accountLimits,
      (resource) => (amounts[resource] ?? 0) + (resource === recipient.resource ? 1 : 0),
    ),
    ...view.charge(ofAccountTo(lease.account, recipient.key), floodLimits.account, () => 1),
    ...view.charge(ofEveryoneTo(recipient.key), floodLimits.everyone, () => 1),
  ];
  return { room, charge: { lease, entries } };
}
