import { type ClientIdentity, type PathCommand, type RelayCapabilities, RelayFailure } from '../../relay/contract.js';
import type { Address } from '../../smtp/address.js';
import {
  type MailParameters,
  type Parameter,
  parseParameters,
  readMailParameters,
  readRecipientParameters,
} from '../../smtp/parameters.js';
import { type Path, parseForwardPath, parseReversePath } from '../../smtp/path.js';
import { isPositive, passedOn, permanent, type RelayReply, type Reply } from '../../smtp/reply.js';
import { serviceReply } from '../../smtp/service-replies.js';
import { type RelayAnswer, Transaction } from '../../transaction/transaction.js';
import type { MailClient } from './mail-client.js';
import { MessageScanner } from './message-scanner.js';
import { MessageTransfer } from './message-transfer.js';
import { forRelay } from './offer.js';
import { receivedField } from './received.js';
import { failureReply, RelayLeg } from './relay-leg.js';
import type { SmtpDoorContext, SmtpSettings } from './settings.js';
import type { WireReader } from './wire-reader.js';

const NO_CAPABILITIES: RelayCapabilities = {
  pipelining: false,
  eightBitMime: false,
  smtpUtf8: false,
  dsn: false,
  requireTls: false,
  size: null,
  xclient: [],
  xforward: [],
};

interface AskedRecipient {
  readonly address: Address;
  readonly command: PathCommand;
}

/** MAIL to the end of data on one SMTP connection: parses, asks the transaction, relays. */
export class MailTransaction {
  readonly #relay: RelayLeg;
  #transaction: Transaction | null = null;
  #parameters: MailParameters | null = null;
  /** Replies to RCPTs that were answered together with one before them. */
  readonly #answered: { readonly line: Buffer; readonly reply: Reply }[] = [];
  #transfer: MessageTransfer | null = null;
  /** The relay is lost: what every further command hears. */
  #lost: Reply | null = null;
  #working = false;
  #clientLeft = false;

  constructor(
    private readonly connection: MailClient,
    private readonly door: SmtpDoorContext,
  ) {
    this.#relay = new RelayLeg(door.relay, this.#client(), door.settings().envelope);
  }

  /** MAIL was refused: there is no transaction. */
  get ended(): boolean {
    return this.#transaction === null || this.#transaction.ended;
  }

  /** The client waits for us, not we for it. */
  get relaying(): boolean {
    return this.#transfer?.busy ?? false;
  }

  /** The client is sending its message. */
  get receiving(): boolean {
    return this.#transfer !== null && !this.#transfer.finishing;
  }

  mail(command: Buffer): Promise<Reply> {
    return this.#work(() => this.#mail(command));
  }

  /** One RCPT, and with it those that wait behind it. */
  recipient(command: Buffer, lookAhead: () => Buffer[]): Promise<Reply> {
    return this.#work(async () => {
      if (this.#answered.length === 0) await this.#answerBatch([command, ...lookAhead()]);
      const answered = this.#answered.shift();
      if (answered === undefined || !answered.line.equals(command)) throw new Error('replies to RCPT out of step');
      return answered.reply;
    });
  }

  /** Why DATA cannot come now; null: it may. */
  dataRefusal(command: Buffer): Reply | null {
    if (this.#lost !== null) return this.#lost;
    if (command.toString('latin1').trim().length > 'DATA'.length) {
      return serviceReply('badParameter', this.#ref, 'DATA takes none');
    }
    const accepted = this.#transaction?.acceptedRecipients.length ?? 0;
    return accepted > 0 ? null : serviceReply('noRecipients', this.#ref);
  }

  /** Reads the message and relays it; `settled` gets the reply for the client. */
  receive(reader: WireReader, settled: (reply: Reply) => void): void {
    const transaction = this.#transaction;
    if (transaction === null) throw new Error('DATA without a transaction');
    const settings = this.door.settings();
    const scanner = new MessageScanner(settings);
    this.#transfer = new MessageTransfer({
      transaction,
      relay: this.#relay,
      scanner,
      inspector: transaction.inspector(),
      prefix: () => this.#prefix(transaction, settings),
      inspectWindow: settings.inspectWindow,
      sizeLimit: this.connection.offer.sizeLimit,
      clientGone: () => this.connection.clientGone,
      progressed: () => this.connection.progressed(),
      endless: () => this.connection.cutOff(serviceReply('messageTooLarge', this.#ref)),
      defect: (error) => this.door.defect(error, this.#ref),
      settled: async (reply) => {
        this.#relay.release();
        settled(reply);
      },
    });
    reader.readMessage(scanner, this.#transfer);
  }

  /** RSET and its like. */
  reset(): void {
    this.#transaction?.aborted();
    this.#relay.release();
  }

  clientLeft(): void {
    this.#clientLeft = true;
    if (this.#working || this.#transfer?.finishing) return;
    this.#transaction?.aborted();
    // A relay that has begun to take the message must not think it complete.
    if (this.#transfer?.streaming) this.#relay.abandon();
    else this.#relay.release();
  }

  get #ref(): string {
    return this.#transaction?.id ?? this.connection.mailSession.id;
  }

  async #mail(command: Buffer): Promise<Reply> {
    const parsed = this.#parseMail(command);
    if ('refusal' in parsed) return parsed.refusal;
    const { path, parameters, values } = parsed;
    if ((values.size ?? 0) > this.connection.offer.sizeLimit) return serviceReply('messageTooLarge', this.#ref);
    const session = this.connection.mailSession;
    const unidentified = this.#unidentified();
    if (unidentified !== null)
      return session.turnAway('mail', unidentified, { reversePath: path.address?.spelling ?? '' });
    const refusal = await session.judgeAccount('mail');
    if (refusal !== null) return refusal;
    if (session.account === null) throw new Error('an account was identified and is gone');
    const transaction = new Transaction(session, session.account);
    this.#transaction = transaction;
    this.#parameters = values;
    const judged = await transaction.mail(path.address, path.address?.spelling ?? '', values.size);
    if (judged !== null) return judged;
    transaction.named(values.envid);
    const { bounceAddress } = transaction;
    const spelling = bounceAddress === null ? path.spelling : `<${bounceAddress}>`;
    return this.#relayMail(transaction, forRelay(spelling, parameters, this.#capabilities()));
  }

  async #relayMail(transaction: Transaction, command: PathCommand): Promise<Reply> {
    try {
      const reply = await this.#relay.mail(command);
      if (!isPositive(reply)) {
        transaction.refusedByRelay(reply);
        this.#relay.release();
      }
      return passedOn(reply);
    } catch (error) {
      return this.#relayFailed(error, transaction);
    }
  }

  #parseMail(
    command: Buffer,
  ): { readonly refusal: Reply } | { path: Path; parameters: readonly Parameter[]; values: MailParameters } {
    const argument = argumentOf(command, MAIL);
    if (argument === null) return { refusal: permanent(501, '5.5.4', 'Syntax: MAIL FROM:<address> [parameters]') };
    const path = parseReversePath(argument);
    if (!path.ok) return { refusal: serviceReply('badReversePath', null, path.reason) };
    const parsed = parseParameters(path.rest);
    if (!parsed.ok) return { refusal: serviceReply('badParameter', null, parsed.reason) };
    const read = readMailParameters(parsed.parameters, this.connection.offer.mail);
    if (!read.ok) return { refusal: read.reply };
    if (path.path.needsUtf8 && !read.values.smtpUtf8) return { refusal: NEEDS_SMTPUTF8 };
    return { path: path.path, parameters: parsed.parameters, values: read.values };
  }

  /** RFC 4954 §6, or nobody to answer for the mail. */
  #unidentified(): Reply | null {
    const { mailSession, listener, authenticated } = this.connection;
    if (listener.auth === 'required' && !authenticated) return serviceReply('authenticationRequired', this.#ref);
    if (mailSession.account === null) mailSession.assumeUnknown();
    if (mailSession.account !== null) return null;
    const couldAuthenticate = listener.auth !== 'off' && mailSession.context.policy().accounts.takesPasswords;
    return serviceReply(couldAuthenticate ? 'authenticationRequired' : 'unknownAccount', this.#ref);
  }

  async #answerBatch(lines: readonly Buffer[]): Promise<void> {
    const replies = await this.#recipients(lines);
    lines.forEach((line, index) => {
      const reply = replies[index];
      if (reply !== undefined) this.#answered.push({ line, reply });
    });
  }

  /** Judges and relays a batch; the replies stay in order. */
  async #recipients(lines: readonly Buffer[]): Promise<readonly Reply[]> {
    const transaction = this.#transaction;
    const lost = this.#lost;
    if (transaction === null) throw new Error('RCPT without a transaction');
    if (lost !== null) return lines.map(() => lost);
    const parsed = lines.map((line) => this.#parseRecipient(line));
    const asked = parsed.filter((one): one is AskedRecipient => !('refusal' in one));
    const judged = await transaction.recipients(asked.map((one) => one.address));
    const passed = asked.filter((_, index) => judged[index] === null);
    const relayed = await this.#relayRecipients(transaction, passed);
    const [judgements, answers] = [judged.values(), relayed.values()];
    return parsed.map((one) => {
      if ('refusal' in one) return one.refusal;
      const reply = judgements.next().value ?? answers.next().value;
      if (reply === undefined) throw new Error('a recipient was left unanswered');
      return reply;
    });
  }

  async #relayRecipients(transaction: Transaction, passed: readonly AskedRecipient[]): Promise<readonly Reply[]> {
    if (passed.length === 0) return [];
    try {
      const answers: readonly RelayReply[] = await this.#relay.recipients(passed.map((one) => one.command));
      const pairs: RelayAnswer[] = [];
      passed.forEach(({ address }, index) => {
        const reply = answers[index];
        if (reply !== undefined) pairs.push({ address, reply });
      });
      transaction.relayAnswered(pairs);
      return answers.map(passedOn);
    } catch (error) {
      const reply = this.#relayFailed(error, transaction);
      return passed.map(() => reply);
    }
  }

  #parseRecipient(line: Buffer): AskedRecipient | { readonly refusal: Reply } {
    const argument = argumentOf(line, RCPT);
    if (argument === null) return { refusal: permanent(501, '5.5.4', 'Syntax: RCPT TO:<address> [parameters]') };
    const path = parseForwardPath(argument);
    if (!path.ok) return { refusal: serviceReply('badPath', null, path.reason) };
    const { address, spelling, needsUtf8 } = path.path;
    if (address === null) return { refusal: serviceReply('badPath', null) };
    const parsed = parseParameters(path.rest);
    if (!parsed.ok) return { refusal: serviceReply('badParameter', null, parsed.reason) };
    const read = readRecipientParameters(parsed.parameters, this.connection.offer.recipient);
    if (!read.ok) return { refusal: read.reply };
    if (needsUtf8 && !this.#parameters?.smtpUtf8) return { refusal: NEEDS_SMTPUTF8 };
    return { address, command: forRelay(spelling, parsed.parameters, this.#capabilities()) };
  }

  #relayFailed(error: unknown, transaction: Transaction): Reply {
    if (!(error instanceof RelayFailure)) throw error;
    const reply = failureReply(error, transaction.id);
    this.#lost = reply;
    transaction.refused(reply);
    this.#relay.abandon();
    return reply;
  }

  /** A client that leaves in mid-command is cleaned up after once the command is done. */
  async #work<T>(work: () => Promise<T>): Promise<T> {
    this.#working = true;
    try {
      return await work();
    } finally {
      this.#working = false;
      if (this.#clientLeft) this.clientLeft();
    }
  }

  #capabilities(): RelayCapabilities {
    return this.door.relay.capabilities ?? NO_CAPABILITIES;
  }

  #client(): ClientIdentity {
    const { connection } = this;
    return {
      address: connection.mailSession.client.address,
      port: connection.remotePort,
      name: null,
      helo: connection.helo,
      protocol: connection.esmtp ? 'ESMTP' : 'SMTP',
      login: connection.mailSession.account?.identity.username ?? null,
      ident: connection.mailSession.id,
    };
  }

  #prefix(transaction: Transaction, { received, hostname }: SmtpSettings): Buffer {
    const trace = received ? this.#trace(hostname) : Buffer.alloc(0);
    const added = transaction.addedFields;
    if (added.length === 0) return trace;
    return Buffer.concat([trace, Buffer.from(added.map(({ name, value }) => `${name}: ${value}\r\n`).join(''))]);
  }

  #trace(hostname: string): Buffer {
    const { connection } = this;
    return receivedField({
      helo: connection.helo,
      address: connection.mailSession.client.address,
      by: hostname,
      smtpUtf8: this.#parameters?.smtpUtf8 ?? false,
      esmtp: connection.esmtp,
      tls: connection.secure,
      authenticated: connection.authenticated,
      id: this.#ref,
      at: Date.now(),
    });
  }
}

const MAIL = /^MAIL[ \t]+FROM[ \t]*:/i;
const RCPT = /^RCPT[ \t]+TO[ \t]*:/i;
const NEEDS_SMTPUTF8 = permanent(553, '5.6.7', 'The address has non-ASCII characters, SMTPUTF8 is needed (RFC 6531)');

function argumentOf(command: Buffer, verb: RegExp): string | null {
  const text = command.toString('utf8');
  const found = verb.exec(text);
  return found === null ? null : text.slice(found[0].length);
}
