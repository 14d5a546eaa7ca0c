import type { Reply } from '../../smtp/reply.js';
import type { Session } from '../../transaction/session.js';
import type { Offer } from './offer.js';
import type { ListenerSettings } from './settings.js';

/** What a mail transaction asks of the connection that it is on. */
export interface MailClient {
  readonly mailSession: Session;
  readonly listener: ListenerSettings;
  readonly offer: Offer;
  /** AUTH succeeded, or a trusted peer named a login. */
  readonly authenticated: boolean;
  readonly helo: string | null;
  readonly esmtp: boolean;
  readonly secure: boolean;
  readonly remotePort: number;
  /** The client sends its message fast enough: it may take its time again. */
  progressed(): void;
  /** The client has lost its right to be heard: says it and closes. */
  cutOff(reply: Reply): void;
  /** Nobody is left to hear a reply. */
  readonly clientGone: boolean;
}
