import { localPart } from '../address/mailboxes.js';

const REDACTED_LOCAL =
  /redact|^x{3,}$|^\*+$|^(?:undisclosed|unknown|removed|hidden|anonym\w*|user)[-_.]?(?:recipients?|address|user)?$|^[0-9a-f]{32,}(?:[._-]|$)/;
const REDACTED_DOMAIN = /@(?:redacted|hidden|removed|undisclosed|x{3,})(?:[.-]|$)|redacted\./i;

/** An address that the reporter made unreadable (RFC 6590); it names nobody. */
export function isRedacted(address: string): boolean {
  return REDACTED_LOCAL.test(localPart(address)) || REDACTED_DOMAIN.test(address);
}
