/**
 * Every reply of our own that no rule gives: what went wrong around the mail,
 * not with it. The one table, so that docs/replies.md can be generated from it.
 */

import {
  type PermanentCode,
  type PermanentStatus,
  permanent,
  type Reply,
  type TransientCode,
  type TransientStatus,
  transient,
} from './reply.js';

interface Entry {
  readonly text: string;
  /** When it is said. */
  readonly when: string;
  /** What the client can do. */
  readonly remedy: string;
  readonly build: (text: string) => Reply;
  readonly label: string;
}

function later(code: TransientCode, status: TransientStatus, text: string, when: string, remedy: string): Entry {
  return { text, when, remedy, label: `${code} ${status}`, build: (line) => transient(code, status, line) };
}

function never(code: PermanentCode, status: PermanentStatus, text: string, when: string, remedy: string): Entry {
  return { text, when, remedy, label: `${code} ${status}`, build: (line) => permanent(code, status, line) };
}

const RETRY = 'Nothing: a mail server tries again by itself.';

export const SERVICE_REPLIES = {
  storeUnavailable: later(
    451,
    '4.3.0',
    'Limits cannot be checked at the moment, please try again in a few minutes',
    'The store does not answer and `store.onFailure` is `defer`.',
    RETRY,
  ),
  storeUnavailableAtConnect: later(
    421,
    '4.3.0',
    'Limits cannot be checked at the moment, please connect again in a few minutes',
    'As a client connects: the store does not answer and `store.onFailure` is `defer`.',
    RETRY,
  ),
  relayUnreachable: later(
    451,
    '4.4.1',
    'The outbound relay cannot be reached at the moment, please try again in a few minutes',
    'No relay accepts a connection.',
    RETRY,
  ),
  relayLost: later(
    451,
    '4.4.2',
    'The connection to the outbound relay was lost, please try again in a few minutes',
    'The relay closed the connection or stopped answering in the middle of the transaction.',
    RETRY,
  ),
  internalError: later(
    451,
    '4.3.0',
    'An internal error, please try again in a few minutes',
    'A defect of Sluice itself; the log has it.',
    'Tell your provider, with the reference.',
  ),
  messageUnknown: later(
    451,
    '4.3.0',
    'This message began before a restart of the policy service, please send it again',
    'Policy delegation: Postfix asks about the data or the end of a message with several recipients, of which none was asked about before.',
    RETRY,
  ),
  shuttingDown: later(
    421,
    '4.3.2',
    'This server is shutting down, please connect again',
    'The server is being stopped or restarted.',
    RETRY,
  ),
  settingsChanged: later(
    421,
    '4.3.2',
    'The settings of this server have changed, please connect again',
    'At MAIL through a milter: since the connection began, a reload has turned on a rule that needs more of messages than the MTA was asked for.',
    RETRY,
  ),
  tooManySessions: later(
    421,
    '4.3.2',
    'Too many connections to this server, please connect again in a moment',
    'The listener has `maxSessions` sessions.',
    RETRY,
  ),
  idleTimeout: later(
    421,
    '4.4.2',
    'Idle for too long, closing the connection',
    'No whole command line came for `smtp.timeouts.command`, however many of its bytes did.',
    RETRY,
  ),
  messageTooSlow: later(
    421,
    '4.4.2',
    'The message comes too slowly, closing the connection',
    'Neither 64 KiB of the message nor its end came within `smtp.timeouts.data`.',
    RETRY,
  ),
  tooManyErrors: later(
    421,
    '4.7.0',
    'Too many errors, closing the connection',
    'The client made `smtp.maxErrors` errors in one session: wrong commands, failed log-ins, and each RSET, NOOP, EHLO or HELP after a hundred of them without MAIL.',
    'Repair the client.',
  ),
  commandTooLong: never(
    500,
    '5.5.2',
    'The command line is too long, closing the connection',
    'A command line of more than 12,300 octets, which is more than AUTH needs (RFC 4954 section 4).',
    'Repair the client.',
  ),
  talkedTooSoon: never(
    554,
    '5.5.1',
    'Commands came before the greeting, closing the connection',
    'The client did not wait for the greeting (`greetingDelay`).',
    'Repair the client: RFC 5321 section 3.1.',
  ),
  authenticationRequired: never(
    530,
    '5.7.0',
    'Authentication is required',
    'MAIL before AUTH on a listener with `auth: required`.',
    'Set user name and password in the mail program.',
  ),
  unknownAccount: never(
    550,
    '5.7.1',
    'No account is known for this client, so it may not send mail here',
    'Nothing in `accounts.identify` matched and `accounts.unknown` is `refuse`.',
    'Authenticate, or ask your provider to register your address.',
  ),
  credentialsInvalid: never(
    535,
    '5.7.8',
    'User name or password is wrong',
    'AUTH failed.',
    'Check user name and password.',
  ),
  credentialsUnchecked: later(
    454,
    '4.7.0',
    'User name and password cannot be checked at the moment, please try again in a few minutes',
    'The authentication backend does not answer.',
    RETRY,
  ),
  badPath: never(
    501,
    '5.1.3',
    'The recipient address is malformed',
    'RCPT with an address that RFC 5321 does not allow.',
    'Correct the address.',
  ),
  badReversePath: never(
    501,
    '5.1.7',
    'The sender address is malformed',
    'MAIL with an address that RFC 5321 does not allow.',
    'Correct the address.',
  ),
  badParameter: never(
    501,
    '5.5.4',
    'A parameter is malformed',
    'MAIL or RCPT with a malformed or repeated parameter.',
    'Repair the client.',
  ),
  unknownParameter: never(
    555,
    '5.5.4',
    'A parameter is not supported here',
    'MAIL or RCPT with a parameter that the EHLO reply did not offer.',
    'Repair the client: it must only use what the EHLO reply offers.',
  ),
  badSequence: never(
    503,
    '5.5.1',
    'Commands came in a wrong order',
    'MAIL within a transaction, RCPT without MAIL, DATA without RCPT.',
    'Repair the client.',
  ),
  tooManyRecipients: later(
    452,
    '4.5.3',
    'Too many recipients in one message',
    'A client gave 10,000 recipients in one transaction, refused ones counted.',
    'Send the message to fewer recipients at a time.',
  ),
  noRecipients: never(
    554,
    '5.5.1',
    'No valid recipients',
    'DATA after every recipient was refused.',
    'See the replies to the recipients.',
  ),
  messageTooLarge: never(
    552,
    '5.3.4',
    'The message is too large for this server',
    'The message, or its declared SIZE, exceeds `smtp.maxMessageSize` or the limit of the relay.',
    'Send a smaller message.',
  ),
  bareNewline: never(
    554,
    '5.6.11',
    'The message has a line feed or carriage return alone, lines must end in CRLF',
    'A bare CR or LF and `smtp.bareNewline: reject` (an end of data could hide behind it).',
    'Repair the client: RFC 5321 section 2.3.8.',
  ),
  nulByte: never(
    554,
    '5.6.0',
    'The message has a NUL byte',
    'A NUL in the message.',
    'Repair the client: RFC 5321 section 4.1.1.4.',
  ),
  lineTooLong: never(
    554,
    '5.6.0',
    'The message has a line longer than 998 octets',
    'A long line and `smtp.longLines: reject`.',
    'Encode the body as quoted-printable or base64 (RFC 5322 section 2.1.1).',
  ),
  vrfyDisabled: never(
    502,
    '5.5.1',
    'VRFY and EXPN are not offered here',
    'VRFY or EXPN.',
    'Nothing: send the message.',
  ),
} as const satisfies Record<string, Entry>;

export type ServiceReplyName = keyof typeof SERVICE_REPLIES;

/** @param ref the transaction or session id, appended as `ref=`; null for replies that need none */
export function serviceReply(name: ServiceReplyName, ref: string | null, detail: string | null = null): Reply {
  const entry = SERVICE_REPLIES[name];
  const said = detail === null ? entry.text : `${entry.text}: ${printable(detail)}`;
  return entry.build(ref === null ? said : `${said} ref=${ref}`);
}

/** Details may quote the client: ASCII only, cut. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 200);
}
