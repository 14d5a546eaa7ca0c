/** What Postfix is to do (access(5), "ACTIONS"). Never DEFER_IF_PERMIT and its kin, whose words another restriction decides. */

import { type Reply, toText } from '../../smtp/reply.js';

export type Action =
  /** This door has nothing against it. */
  | { readonly kind: 'dunno' }
  | { readonly kind: 'refuse'; readonly reply: Reply }
  /** The same as `dunno`, and a header field before the message. */
  | { readonly kind: 'prepend'; readonly field: string; readonly value: string };

export const DUNNO: Action = { kind: 'dunno' };

export function refuse(reply: Reply): Action {
  return { kind: 'refuse', reply };
}

/** As it goes over the wire, in ASCII. Replies have no control characters (`smtp/reply.ts`). */
export function actionLine(action: Action): string {
  switch (action.kind) {
    case 'dunno':
      return 'action=DUNNO\n\n';
    case 'refuse':
      return `action=${toText(action.reply)}\n\n`;
    case 'prepend':
      return `action=PREPEND ${action.field}: ${action.value}\n\n`;
  }
}
