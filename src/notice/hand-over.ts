import type { ClientIdentity, RelayPool, RelaySession } from '../relay/contract.js';
import { isPositive, type RelayReply } from '../smtp/reply.js';

export interface Envelope {
  /** '' is the null reverse-path. */
  readonly from: string;
  readonly to: readonly string[];
}

/** The relay did not take a mail of ours. */
export class NotTaken extends Error {
  readonly code = 'NOT_TAKEN';
  constructor(command: string, { code, lines }: RelayReply) {
    super(`the relay answered ${command} with ${code} ${lines.join(' / ')}`);
    this.name = 'NotTaken';
  }
}

/** Whom a relay is told about that wants to know who the client is: ourselves. */
const OURSELVES: ClientIdentity = {
  address: '127.0.0.1',
  port: 0,
  name: null,
  helo: null,
  protocol: 'ESMTP',
  login: null,
  ident: 'notice',
};

/**
 * Gives a mail of ours to the relay, for those recipients that it takes. Rejects
 * with RelayFailure or NotTaken; then nobody gets it.
 */
export async function handOver(relay: RelayPool, { from, to }: Envelope, octets: Buffer): Promise<void> {
  const session = await relay.acquire(OURSELVES);
  try {
    await transact(session, { from, to }, octets);
    session.release();
  } catch (error) {
    session.abandon();
    throw error;
  }
}

async function transact(session: RelaySession, { from, to }: Envelope, octets: Buffer): Promise<void> {
  expect('MAIL', await session.mail({ path: `<${from}>`, parameters: [] }));
  const replies = await session.recipients(to.map((address) => ({ path: `<${address}>`, parameters: [] })));
  // One address that is gone must not keep the others from being told.
  const [refused] = replies;
  if (refused !== undefined && !replies.some(isPositive)) throw new NotTaken('RCPT', refused);
  expect('DATA', await session.data());
  expect('the message', await session.finish(stuffed(octets)));
}

function expect(command: string, reply: RelayReply): void {
  if (!isPositive(reply)) throw new NotTaken(command, reply);
}

/** In wire form (RFC 5321 §4.5.2), the last line ended. */
function stuffed(octets: Buffer): Buffer {
  const text = octets.toString('latin1').replace(/^\./gm, '..');
  return Buffer.from(text.endsWith('\r\n') ? text : `${text}\r\n`, 'latin1');
}
