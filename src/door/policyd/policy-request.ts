import { isIP } from 'node:net';
import type { Connection } from '../../account/contract.js';
import { certificateByMta } from '../../account/mta-certificate.js';
import { decodeXtext } from '../../smtp/xtext.js';
import type { Attributes } from './request-reader.js';

const STATES = ['CONNECT', 'EHLO', 'HELO', 'MAIL', 'RCPT', 'DATA', 'END-OF-MESSAGE', 'VRFY', 'ETRN'] as const;

export type ProtocolState = (typeof STATES)[number];

/** One question of Postfix's, its attributes read as what they mean (SMTPD_POLICY_README, "Protocol description"). */
export interface PolicyRequest {
  readonly state: ProtocolState;
  /** The same for all requests about one message; null outside of one. */
  readonly instance: string | null;
  readonly client: Omit<Connection, 'listener'>;
  /** In Postfix' internal form, without quotes; empty: the null reverse-path. */
  readonly sender: string;
  /** Likewise; from DATA on only told where there is just one. */
  readonly recipient: string;
  /** Told from DATA on; 0 before. */
  readonly recipientCount: number;
  /** Declared with MAIL, and at END-OF-MESSAGE the message's own; 0: not told. */
  readonly size: number;
  /** Null until a recipient was accepted. */
  readonly queueId: string | null;
}

/** Gives the reason, with nothing of the peer's in it, for what no Postfix sends. */
export function readPolicyRequest(attributes: Attributes): PolicyRequest | string {
  if (attributes.get('request') !== 'smtpd_access_policy') return 'not an SMTP access policy request';
  const state = STATES.find((known) => known === attributes.get('protocol_state'));
  if (state === undefined) return 'an unknown protocol_state';
  const address = attributes.get('client_address') || UNKNOWN_ADDRESS;
  if (address !== UNKNOWN_ADDRESS && isIP(address) === 0) return 'a client_address that is none';
  const instance = attributes.get('instance') ?? '';
  if (!INSTANCE.test(instance)) return 'a malformed instance';
  const size = numberOf(attributes.get('size'));
  const recipientCount = numberOf(attributes.get('recipient_count'));
  if (size === null || recipientCount === null) return 'a number that is none';
  return {
    state,
    instance: instance === '' ? null : instance,
    client: {
      address,
      certificate: certificateOf(attributes),
      login: null,
      mta: { login: loginOf(attributes), daemon: attributes.get('policy_context') || null },
    },
    sender: attributes.get('sender') ?? '',
    recipient: attributes.get('recipient') ?? '',
    recipientCount,
    size,
    queueId: attributes.get('queue_id') || null,
  };
}

/** What Postfix says of a client whose address XCLIENT withheld. In no network, and not `unix` either. */
const UNKNOWN_ADDRESS = 'unknown';
const INSTANCE = /^[\x21-\x7e]{0,128}$/;

function numberOf(text: string | undefined): number | null {
  if (text === undefined || text === '') return 0;
  return /^\d{1,15}$/.test(text) ? Number(text) : null;
}

/** Postfix always tells how, when it tells who. */
function loginOf(attributes: Attributes): string | null {
  return attributes.get('sasl_method') ? attributes.get('sasl_username') || null : null;
}

/** Postfix writes the subject's common name as xtext, and only if it believes the certificate's authority. */
function certificateOf(attributes: Attributes): Connection['certificate'] {
  const commonName = attributes.get('ccert_subject') ?? '';
  return certificateByMta({
    fingerprint: attributes.get('ccert_fingerprint') ?? '',
    commonName: decodeXtext(commonName) ?? commonName,
  });
}
