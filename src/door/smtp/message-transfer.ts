import { RelayFailure } from '../../relay/contract.js';
import { isPositive, passedOn, type Reply } from '../../smtp/reply.js';
import { serviceReply } from '../../smtp/service-replies.js';
import type { OctetSink } from '../../transaction/message-reading.js';
import type { Transaction } from '../../transaction/transaction.js';
import { DotUnstuffer } from './dot-unstuffer.js';
import { HeldOctets } from './held-octets.js';
import type { MessageScanner } from './message-scanner.js';
import { failureReply, type RelayLeg } from './relay-leg.js';
import { streamedOctets } from './streamed-octets.js';
import type { MessageSink } from './wire-reader.js';

export interface TransferInputs {
  readonly transaction: Transaction;
  readonly relay: RelayLeg;
  readonly scanner: MessageScanner;
  /** Who wants to see the message without stuffed dots; null: nobody. */
  readonly inspector: OctetSink | null;
  /** Octets put before the message: our trace field, fields that it lacks, or nothing. Asked once the header section is here. */
  readonly prefix: () => Buffer;
  /** Messages up to so many octets are held and judged before the relay hears DATA. */
  readonly inspectWindow: number;
  readonly sizeLimit: number;
  clientGone(): boolean;
  /** Another `PROGRESS` octets have come. */
  progressed(): void;
  /** The client goes on far beyond the limit on size, of which it was told. */
  endless(): void;
  /** The message is settled, with this reply for the client. */
  settled(reply: Reply): Promise<void>;
  /** A defect: the client heard 451, the log must hear of it. */
  defect(error: unknown): void;
}

/** What a client must send within `smtp.timeouts.data` to be waited for: 218 octets a second of the default 5 minutes. */
const PROGRESS = 64 * 1024;

/**
 * A message on its way from the client to the relay. Held until it exceeds the
 * window, streamed from then on, with back-pressure both ways; only the final
 * dot waits for the verdict. Until that dot is sent the client still has the
 * message, and we may drop everything.
 */
export class MessageTransfer implements MessageSink {
  readonly #held = new HeldOctets();
  readonly #unstuffer = new DotUnstuffer();
  #sinceProgress = 0;
  #streaming = false;
  #finishing = false;
  #steps = 0;
  /** Decided early; the rest of the message is read and dropped. */
  #verdict: Reply | null = null;

  constructor(private readonly inputs: TransferInputs) {}

  /** The relay has begun to take the message. */
  get streaming(): boolean {
    return this.#streaming;
  }

  /** The relay is waited for. */
  get busy(): boolean {
    return this.#steps > 0;
  }

  /** The message is here whole: what follows is between us and the relay. */
  get finishing(): boolean {
    return this.#finishing;
  }

  wrote(content: Buffer): Promise<void> | undefined {
    this.#watchProgress(content.length);
    if (this.#verdict !== null) return undefined;
    const malformed = this.#malformation();
    if (malformed !== null) {
      this.#refuse(malformed);
      return undefined;
    }
    this.inputs.transaction.saw(content);
    const inspected = this.inputs.inspector?.feed(this.#unstuffer.unstuff(content));
    const sent = this.#send(content);
    if (inspected === undefined || sent === undefined) return inspected ?? sent;
    return Promise.all([inspected, sent]).then(() => undefined);
  }

  #send(content: Buffer): Promise<void> | undefined {
    if (this.#streaming) return this.#settling(() => this.#stream(content));
    this.#held.add(content);
    if (this.#held.length <= this.inputs.inspectWindow) return undefined;
    return this.#settling(() => this.#startStreaming());
  }

  async ended(): Promise<void> {
    this.#finishing = true;
    if (this.#verdict === null) await this.#settling(() => this.#finish());
    const reply = this.#verdict ?? serviceReply('internalError', this.inputs.transaction.id);
    await this.inputs.settled(reply);
  }

  #watchProgress(octets: number): void {
    const { scanner, sizeLimit } = this.inputs;
    this.#sinceProgress += octets;
    if (this.#sinceProgress < PROGRESS) return;
    this.#sinceProgress = 0;
    if (scanner.size > 2 * sizeLimit) this.inputs.endless();
    else this.inputs.progressed();
  }

  #malformation(): Reply | null {
    const { scanner, sizeLimit, transaction } = this.inputs;
    if (scanner.violation !== null) return serviceReply(scanner.violation, transaction.id);
    return scanner.size > sizeLimit ? serviceReply('messageTooLarge', transaction.id) : null;
  }

  async #startStreaming(): Promise<void> {
    if (!(await this.#relayOpens())) return;
    this.#streaming = true;
    await this.#write(this.#held.take(this.inputs.prefix()));
  }

  async #stream(content: Buffer): Promise<void> {
    await this.inputs.relay.write(content);
    streamedOctets(content.length);
  }

  /** False: the relay refused the message. */
  async #relayOpens(): Promise<boolean> {
    const opened = await this.inputs.relay.data();
    if (opened.code === 354) return true;
    this.inputs.transaction.refusedByRelay(opened);
    this.#over(passedOn(opened));
    return false;
  }

  /** One by one, each let go of as soon as the relay's socket has it: many sessions get here at once. */
  async #write(pieces: Buffer[]): Promise<void> {
    for (let piece = pieces.shift(); piece !== undefined; piece = pieces.shift()) await this.#stream(piece);
  }

  async #finish(): Promise<void> {
    const { transaction, scanner, relay } = this.inputs;
    const malformed = this.#malformation();
    if (malformed !== null) return this.#refuse(malformed);
    const refusal = await transaction.endOfData(scanner.size);
    if (refusal !== null) return this.#over(refusal);
    const last = this.#streaming ? EMPTY : await this.#allButTheLast();
    if (last === null) return;
    // The client has the message still and will try again: relaying it now would send it twice.
    if (this.inputs.clientGone()) {
      transaction.aborted();
      relay.abandon();
      return this.#over(serviceReply('relayLost', transaction.id));
    }
    const reply = await relay.finish(last);
    if (isPositive(reply)) transaction.accepted(reply);
    else transaction.refusedByRelay(reply);
    this.#verdict = passedOn(reply);
  }

  /** Brings a held message to the relay but for its last piece, which goes with the final dot. Null: refused. */
  async #allButTheLast(): Promise<Buffer | null> {
    if (this.inputs.clientGone()) return EMPTY;
    if (!(await this.#relayOpens())) return null;
    const pieces = this.#held.take(this.inputs.prefix());
    const last = pieces.pop() ?? EMPTY;
    if (pieces.length > 0) {
      // From here on only a closed connection takes it back.
      this.#streaming = true;
      await this.#write(pieces);
    }
    return last;
  }

  /** Runs a step; a failure of the relay, or of ours, settles the message. */
  async #settling(step: () => Promise<void>): Promise<void> {
    this.#steps += 1;
    try {
      await step();
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#steps -= 1;
    }
  }

  #failed(error: unknown): void {
    const { transaction } = this.inputs;
    if (!(error instanceof RelayFailure)) {
      this.inputs.defect(error);
      return this.#refuse(serviceReply('internalError', transaction.id));
    }
    const reply = failureReply(error, transaction.id);
    // After the final dot the relay may have taken the message, whatever we heard.
    if (error.stage === 'final-dot') transaction.unknown(reply);
    else transaction.refused(reply);
    this.inputs.relay.abandon();
    this.#over(reply);
  }

  #refuse(reply: Reply): void {
    this.inputs.transaction.refused(reply);
    this.#over(reply);
  }

  /** A relay that heard DATA must not see a final dot: only a closed connection takes the message back. */
  #over(reply: Reply): void {
    if (this.#streaming) this.inputs.relay.abandon();
    this.#held.drop();
    this.#verdict = reply;
  }
}

const EMPTY = Buffer.alloc(0);
