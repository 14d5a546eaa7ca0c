import type { RelayPool } from '../relay/contract.js';
import { type OwnMail, sendOwnMail } from '../relay/own-mail.js';
import { isPositive, type RelayReply } from '../smtp/reply.js';

/** The relay did not take a mail of ours. */
export class NotTaken extends Error {
  readonly code = 'NOT_TAKEN';
  constructor({ code, lines }: RelayReply) {
    super(`the relay answered ${code} ${lines.join(' / ')}`);
    this.name = 'NotTaken';
  }
}

/** Rejects with RelayFailure or NotTaken; then nobody gets it. */
export async function handOver(relay: RelayPool, mail: Omit<OwnMail, 'ident'>): Promise<void> {
  const reply = await sendOwnMail(relay, { ...mail, ident: 'notice' });
  if (!isPositive(reply)) throw new NotTaken(reply);
}
