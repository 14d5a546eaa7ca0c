import type { Amounts } from '../store/contract.js';

/** What a message to these is charged with. */
export function messageAmounts(
  recipients: readonly { readonly exempt: boolean }[],
  size: number,
  selfMail: boolean,
): Amounts {
  const counted = recipients.filter(({ exempt }) => !exempt).length;
  return {
    messages: counted > 0 ? 1 : 0,
    recipients: counted,
    'exempt-recipients': recipients.length - counted,
    bytes: counted > 0 ? size : 0,
    'self-bytes': selfMail ? size : 0,
  };
}
