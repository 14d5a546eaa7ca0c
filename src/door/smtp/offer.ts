import type { PathCommand, RelayCapabilities } from '../../relay/contract.js';
import type { MailKeyword, Parameter, RecipientKeyword } from '../../smtp/parameters.js';

export interface OfferInputs {
  readonly relay: RelayCapabilities | null;
  /** Our own limit on a message, octets. */
  readonly maxMessageSize: number;
  readonly secure: boolean;
  readonly startTls: boolean;
  /** AUTH mechanisms to announce now; empty: none. */
  readonly mechanisms: readonly string[];
  readonly xclient: boolean;
}

/**
 * What the EHLO reply offers. A parameter that the relay cannot take is not
 * announced: the client would rely on it (RFC 5321 §4.1.1.1).
 */
export interface Offer {
  readonly keywords: readonly string[];
  /** The size limit that holds: ours, or the relay's if that is smaller. */
  readonly sizeLimit: number;
  readonly mail: ReadonlySet<MailKeyword>;
  readonly recipient: ReadonlySet<RecipientKeyword>;
}

export function makeOffer(inputs: OfferInputs): Offer {
  const { relay } = inputs;
  const relayLimit = relay?.size ?? 0;
  const sizeLimit = relayLimit > 0 ? Math.min(relayLimit, inputs.maxMessageSize) : inputs.maxMessageSize;
  const keywords = ['PIPELINING', 'ENHANCEDSTATUSCODES', `SIZE ${sizeLimit}`];
  const mail = new Set<MailKeyword>(['SIZE']);
  const recipient = new Set<RecipientKeyword>();
  if (relay?.eightBitMime) {
    keywords.push('8BITMIME');
    mail.add('BODY');
  }
  if (relay?.smtpUtf8) {
    keywords.push('SMTPUTF8');
    mail.add('SMTPUTF8');
  }
  if (relay?.dsn) {
    keywords.push('DSN');
    mail.add('RET').add('ENVID');
    recipient.add('NOTIFY').add('ORCPT');
  }
  // RFC 8689 §2: only over TLS.
  if (relay?.requireTls && inputs.secure) {
    keywords.push('REQUIRETLS');
    mail.add('REQUIRETLS');
  }
  if (inputs.startTls) keywords.push('STARTTLS');
  if (inputs.mechanisms.length > 0) keywords.push(`AUTH ${inputs.mechanisms.join(' ')}`);
  // RFC 4954 §5: the AUTH parameter must be parsed even by who ignores it.
  mail.add('AUTH');
  if (inputs.xclient) keywords.push('XCLIENT NAME ADDR PORT PROTO HELO LOGIN');
  return { keywords, sizeLimit, mail, recipient };
}

/** MAIL or RCPT as it goes to the relay: the client's parameters that the relay supports, in the client's spelling. */
export function forRelay(path: string, parameters: readonly Parameter[], relay: RelayCapabilities): PathCommand {
  const supported = parameters.filter(({ keyword }) => {
    if (keyword === 'SIZE') return relay.size !== null;
    // The client's submitter identity is between it and us.
    return keyword !== 'AUTH';
  });
  return { path, parameters: supported.map((parameter) => parameter.spelling) };
}
