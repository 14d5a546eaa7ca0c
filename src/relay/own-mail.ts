import { isPositive, type RelayReply } from '../smtp/reply.js';
import type { ClientIdentity, RelayPool, RelaySession } from './contract.js';

/** A mail that Sluice itself sends: a notice, or a bounce that it passes on. */
export interface OwnMail {
  /** '' is the null reverse-path. */
  readonly from: string;
  readonly to: readonly string[];
  readonly octets: Buffer;
  /** What the relay's log calls it, where the relay is told who the client is. */
  readonly ident: string;
}

const OURSELVES: Omit<ClientIdentity, 'ident'> = {
  address: '127.0.0.1',
  port: 0,
  name: null,
  helo: null,
  protocol: 'ESMTP',
  login: null,
};

/**
 * Gives it to the relay, for those recipients that it takes. Resolves with the
 * reply that decides: of the end of data, or of the command that was refused;
 * then nobody gets it. Rejects with RelayFailure.
 */
export async function sendOwnMail(relay: RelayPool, mail: OwnMail): Promise<RelayReply> {
  const session = await relay.acquire({ ...OURSELVES, ident: mail.ident });
  try {
    const reply = await transact(session, mail);
    session.release();
    return reply;
  } catch (error) {
    session.abandon();
    throw error;
  }
}

async function transact(session: RelaySession, { from, to, octets }: OwnMail): Promise<RelayReply> {
  const mail = await session.mail({ path: `<${from}>`, parameters: parameters(session, [from, ...to], octets) });
  if (!isPositive(mail)) return mail;
  const replies = await session.recipients(to.map((address) => ({ path: `<${address}>`, parameters: [] })));
  // One address that is gone must not keep the others from being told.
  const [refused] = replies;
  if (refused !== undefined && !replies.some(isPositive)) return refused;
  const data = await session.data();
  return data.code === 354 ? session.finish(wireForm(octets)) : data;
}

function parameters(session: RelaySession, addresses: readonly string[], octets: Buffer): string[] {
  const { eightBitMime, smtpUtf8 } = session.capabilities;
  return [
    ...(eightBitMime && octets.some((octet) => octet > 0x7f) ? ['BODY=8BITMIME'] : []),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
    ...(smtpUtf8 && !addresses.every((address) => /^[\x00-\x7f]*$/.test(address)) ? ['SMTPUTF8'] : []),
  ];
}

/** Line ends as the wire has them, the last line ended, dots stuffed (RFC 5321 §4.5.2). */
function wireForm(octets: Buffer): Buffer {
  const text = octets.toString('latin1').replace(/\r?\n/g, '\r\n');
  const whole = text.endsWith('\r\n') ? text : `${text}\r\n`;
  return Buffer.from(whole.replace(/^\./gm, '..'), 'latin1');
}
