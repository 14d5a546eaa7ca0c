import type { RelayPool } from '../relay/contract.js';
import { sendOwnMail } from '../relay/own-mail.js';
import { isPositive, isTransient, passedOn, toText } from '../smtp/reply.js';
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
  const traced = Buffer.concat([Buffer.from(traceField(`${hostname} with SMTP id ${id}`), 'latin1'), octets]);
  // RFC 5321 §4.5.5: with the null reverse-path, so that nothing comes back.
  const reply = await sendOwnMail(relay, { from: '', to: [reversePath], octets: traced, ident: id });
  if (isPositive(reply)) return null;
  if (isTransient(reply)) throw new Error(`the relay does not take a bounce: ${toText(passedOn(reply))}`);
  return toText(passedOn(reply));
}

/** RFC 5321 §4.4. */
function traceField(by: string): string {
  return `Received: by ${by}; ${new Date().toUTCString().replace('GMT', '+0000')}\r\n`;
}
