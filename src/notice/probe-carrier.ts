import type { RelayPool } from '../relay/contract.js';
import { type BounceAddressSettings, signBounceAddress } from '../smtp/bounce-address.js';
import type { AuditCase } from '../store/contract.js';
import type { Batch } from './batch.js';
import type { Carrier } from './carrier.js';
import { composed } from './compose.js';
import { handOver } from './hand-over.js';
import type { MailSettings } from './mail-carrier.js';

/**
 * Test mail to complaint addresses. Its reply address is a signed one that names
 * the case: whoever answers it proves that somebody reads the address.
 */
export class ProbeCarrier implements Carrier {
  constructor(
    private readonly settings: Pick<MailSettings, 'from' | 'hostname'>,
    private readonly relay: RelayPool,
    private readonly reversePath: BounceAddressSettings | null,
  ) {}

  async carry({ notices }: Batch): Promise<void> {
    for (const notice of notices) {
      if (notice.kind === 'audit' && notice.audit.kind === 'probe') await this.#send(notice.audit);
    }
  }

  async #send({ id, addresses, dueAt }: AuditCase): Promise<void> {
    if (this.reversePath === null) throw new Error('feedback.reversePath is not configured: no answer could be known');
    const to = addresses.map(({ key }) => key);
    const replyTo = signBounceAddress(id, this.reversePath, Date.now());
    const { from, hostname } = this.settings;
    const octets = await composed({
      messageId: `${id}@${hostname}`,
      from,
      replyTo,
      to,
      subject: `Test of your complaint address (${id})`,
      text: textOf(id, dueAt),
    });
    await handOver(this.relay, { from: replyTo, to, octets });
  }
}

function textOf(id: string, dueAt: number): string {
  const by = `${new Date(dueAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `You registered this address for complaints about your mail.

This is a test of whether somebody answers there: please reply to this mail,
with whatever words, by ${by}. An automatic answer is none.

The policy asks you to "promptly respond to messages sent to that address"
(E-Mail Requirements). Case ${id}.
`;
}
