import { SMTPServer } from 'smtp-server';
import type { BounceProof, NoProof } from '../../smtp/bounce-address.js';

export interface BounceDoorSettings {
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  readonly hostname: string;
  readonly maxSize: number;
  /** Mails and refused recipients of one client address in a minute. */
  readonly perClient: number;
}

export interface BounceDoorContext {
  proofOf(address: string): BounceProof;
  /** Takes a report in; rejects when it cannot for now, and the client hears 451. */
  take(octets: Buffer, transactions: readonly string[]): Promise<void>;
  /** A report could not be taken in: the client heard 451. */
  failed(error: unknown): void;
  /** Somebody wrote to an address that is not one of ours, not any more, or not any more so often. */
  refused(why: NoProof | 'too-many', client: string, address: string): void;
}

const MINUTE = 60_000;
const MOST_CLIENTS = 10_000;
const MOST_SESSIONS = 200;
const IDLE_MS = 60_000;

/** A client did something wrong, or we cannot now; smtp-server words the reply from it. */
class Refusal extends Error {
  constructor(
    readonly responseCode: number,
    text: string,
  ) {
    super(text);
  }
}

/**
 * A small SMTP server for bounces: takes mail to signed addresses and to nothing
 * else, hands each to the readers of reports, keeps none.
 */
export class BounceDoor {
  readonly #server: SMTPServer;
  readonly #clients = new Map<string, { since: number; count: number }>();

  constructor(
    private readonly settings: BounceDoorSettings,
    private readonly context: BounceDoorContext,
  ) {
    this.#server = new SMTPServer({
      name: settings.hostname,
      banner: 'bounces only',
      size: settings.maxSize,
      disabledCommands: ['AUTH', 'STARTTLS'],
      authOptional: true,
      disableReverseLookup: true,
      maxClients: MOST_SESSIONS,
      socketTimeout: IDLE_MS,
      logger: false,
      onRcptTo: ({ address }, { remoteAddress }, done) => done(this.#refusalOf(address, remoteAddress)),
      onData: (stream, { envelope }, done) => {
        this.#receive(
          stream,
          envelope.rcptTo.map(({ address }) => address),
        ).then(
          () => done(null, 'thanks'),
          (error: unknown) => {
            if (!(error instanceof Refusal)) this.context.failed(error);
            done(error instanceof Refusal ? error : new Refusal(451, '4.3.0 Try again later'));
          },
        );
      },
    });
    // A client that breaks off is no event.
    this.#server.on('error', () => undefined);
  }

  /** Where it listens. */
  get port(): number | null {
    const address = this.#server.server.address();
    return typeof address === 'object' && address !== null ? address.port : null;
  }

  async start(): Promise<void> {
    const { address } = this.settings;
    await new Promise<void>((resolve, reject) => {
      this.#server.server.once('error', reject);
      if ('path' in address) this.#server.listen(address.path, () => resolve());
      else this.#server.listen(address.port, address.host, () => resolve());
    });
  }

  stop(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #refusalOf(address: string, client: string): Refusal | null {
    if (this.#isTooMany(client)) {
      this.context.refused('too-many', client, address);
      return new Refusal(450, '4.7.1 Too many bounces from you, try again later');
    }
    const proof = this.context.proofOf(address);
    if (proof.ok) return null;
    this.context.refused(proof.why, client, address);
    return new Refusal(550, '5.1.1 No mail was sent with this address, or not lately');
  }

  async #receive(
    stream: AsyncIterable<Buffer> & { readonly sizeExceeded: boolean },
    to: readonly string[],
  ): Promise<void> {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of stream) {
      length += chunk.length;
      if (length <= this.settings.maxSize) chunks.push(chunk);
    }
    if (stream.sizeExceeded || length > this.settings.maxSize) throw new Refusal(552, '5.3.4 Too large for a bounce');
    const proofs = to.map((address) => this.context.proofOf(address));
    const transactions = proofs.flatMap((proof) => (proof.ok ? [proof.transaction] : []));
    await this.context.take(Buffer.concat(chunks), transactions);
  }

  #isTooMany(client: string): boolean {
    const now = performance.now();
    const known = this.#clients.get(client);
    if (known !== undefined && known.since + MINUTE > now) {
      known.count += 1;
      return known.count > this.settings.perClient;
    }
    this.#clients.delete(client);
    this.#clients.set(client, { since: now, count: 1 });
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > MOST_CLIENTS && oldest !== undefined) this.#clients.delete(oldest);
    return false;
  }
}
