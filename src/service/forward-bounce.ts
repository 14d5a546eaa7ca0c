import type { RelayPool, RelaySession } from '../relay/contract.js';
import { isPositive, isTransient, passedOn, type RelayReply, toText } from '../smtp/reply.js';
import type { RememberedMessage } from '../store/contract.js';

export interface Forwarding {
  readonly relay: RelayPool;
  readonly hostname: string;
  /** Domain of the signed addresses: nothing is sent back to where it came from. */
  readonly bounceDomain: string;
}

/**
 * Passes a bounce on to whom it would have gone to without our signed address.
 * Rejects when that may work later; a refusal for good is the answer, null: it went.
 */
export async function forwardBounce(
  octets: Buffer,
  { id, reversePath }: Pick<RememberedMessage, 'id' | 'reversePath'>,
  { relay, hostname, bounceDomain }: Forwarding,
): Promise<string | null> {
  if (reversePath === '' || reversePath.toLowerCase().endsWith(`@${bounceDomain}`)) return 'there is nobody to tell';
  const session = await relay.acquire({ ...OURSELVES, ident: id });
  try {
    const reply = await handOver(session, reversePath, wireForm(octets, `${hostname} with SMTP id ${id}`));
    session.release();
    if (isPositive(reply)) return null;
    if (isTransient(passedOn(reply))) throw new Error(`the relay does not take a bounce: ${toText(passedOn(reply))}`);
    return toText(passedOn(reply));
  } catch (error) {
    session.abandon();
    throw error;
  }
}

const OURSELVES = { address: '127.0.0.1', port: 0, name: null, helo: null, protocol: 'ESMTP', login: null } as const;

/** The reply that decides; RFC 5321 §4.5.5: with the null reverse-path, so that nothing comes back. */
async function handOver(session: RelaySession, to: string, wire: Buffer): Promise<RelayReply> {
  const { eightBitMime, smtpUtf8 } = session.capabilities;
  const parameters = [
    ...(eightBitMime && wire.some((octet) => octet > 0x7f) ? ['BODY=8BITMIME'] : []),
    // biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
    ...(smtpUtf8 && !/^[\x00-\x7f]*$/.test(to) ? ['SMTPUTF8'] : []),
  ];
  const mail = await session.mail({ path: '<>', parameters });
  if (!isPositive(mail)) return mail;
  const [recipient] = await session.recipients([{ path: `<${to}>`, parameters: [] }]);
  if (recipient === undefined || !isPositive(recipient)) return recipient ?? mail;
  const data = await session.data();
  return data.code === 354 ? session.finish(wire) : data;
}

/** With a trace field on top (RFC 5321 §4.4), line ends as the wire has them, and stuffed dots. */
function wireForm(octets: Buffer, by: string): Buffer {
  const date = new Date().toUTCString().replace('GMT', '+0000');
  const text = `Received: by ${by}; ${date}\r\n${octets.toString('latin1').replace(/\r?\n/g, '\r\n')}`;
  const whole = text.endsWith('\r\n') ? text : `${text}\r\n`;
  return Buffer.from(whole.replace(/^\./gm, '..'), 'latin1');
}
