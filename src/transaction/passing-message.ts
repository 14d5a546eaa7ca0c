import { PassingHeader } from '../message/passing-header.js';
import type { EffectivePolicy } from '../policy/engine.js';
import { mailStream } from '../policy/mail-stream.js';
import type { Address } from '../smtp/address.js';
import type { AccountId, PassedMessage, Subscriptions } from '../store/contract.js';
import type { FeedbackSettings } from './context.js';
import { type AddedField, lacksUnsubscribe, unsubscribeFields } from './unsubscribe-fields.js';

/** Who sends the message to whom. */
export interface PassingEnvelope {
  readonly account: AccountId;
  readonly reversePath: Address | null;
  readonly recipients: readonly Address[];
}

/**
 * What is seen of a message's header section as it passes, so that reports can
 * be recognised by it, and the unsubscribe link that it may get on its way.
 */
export class PassingMessage {
  readonly #header = new PassingHeader();
  /** Undefined: not decided yet; null: none. */
  #unsubscribeUrl: string | null | undefined;

  constructor(
    private readonly feedback: FeedbackSettings,
    private readonly rules: Pick<EffectivePolicy, 'revocations'>,
  ) {}

  /** Octets of the message on their way. */
  saw(content: Buffer): void {
    this.#header.feed(content);
  }

  /** Fields that the message is to get, once its header section is here. What was said once holds. */
  addedFields(envelope: PassingEnvelope): readonly AddedField[] {
    const url = this.unsubscribeUrl(envelope, 'as it declares');
    return url === null ? [] : unsubscribeFields(url);
  }

  /** The link that the message gets; null: none. All of its recipients see the same, so that it must have one only. */
  unsubscribeUrl(
    { account, reversePath, recipients }: PassingEnvelope,
    bulk: 'known' | 'as it declares',
  ): string | null {
    if (this.#unsubscribeUrl !== undefined) return this.#unsubscribeUrl;
    const { addedLink } = this.feedback;
    const [recipient, ...others] = recipients;
    const mayHave = addedLink !== null && recipient !== undefined && others.length === 0 && reversePath !== null;
    this.#unsubscribeUrl =
      mayHave && lacksUnsubscribe(this.#header.section, bulk === 'known')
        ? addedLink(account, recipient.key, this.#subscriptions(reversePath))
        : null;
    return this.#unsubscribeUrl;
  }

  /** What reports may call it, and what a recipient of it may leave. */
  names(reversePath: Address | null): Pick<PassedMessage, 'messageId' | keyof Subscriptions> {
    return { messageId: this.#header.messageId, ...this.#subscriptions(reversePath) };
  }

  /** Where no stream can be left, the header section is not parsed for it. */
  #subscriptions(reversePath: Address | null): Subscriptions {
    const { revocations } = this.rules;
    const header = this.#header;
    const stream = revocations.scope === 'stream' ? mailStream(header.section, reversePath, revocations) : null;
    return { list: header.list, stream };
  }
}
