import { faultOfWords } from '../fault-of-words.js';
import type { FaultClass, ReportedAction, ReportedMessage, ReportedOutcome } from '../outcome.js';
import type { LogFormat } from './log-event.js';
import { type QueueFileBounds, QueueFiles } from './queue-files.js';
import type { TracedDelivery } from './traced-delivery.js';

/** What a log says became of one recipient of one message. */
export interface LogOutcome {
  /** ms since the epoch. */
  readonly at: number;
  /** The log's own word for it; `expired` is told of each recipient that was still waiting. */
  readonly fate: TracedDelivery['fate'];
  readonly outcome: ReportedOutcome;
  /** `queueId` is the first of `chain`: what the relay told us when it took the message. */
  readonly message: ReportedMessage;
  /** Queue ids through content filters and forwards, in order; the last is that of the line. */
  readonly chain: readonly string[];
  /** Reverse-path; empty for `<>`, null when the log did not say. */
  readonly sender: string | null;
  /** What delivered: smtp, lmtp, local, virtual, pipe, error, discard …; Exim's transport. */
  readonly agent: string;
}

const MAX_DIAGNOSTIC = 1000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g;

/** Reads one log, line by line in its order. Nothing that a line says makes it throw. */
export class RelayLog {
  readonly #files: QueueFiles;

  constructor(
    private readonly format: LogFormat,
    bounds?: QueueFileBounds,
  ) {
    this.#files = new QueueFiles(bounds);
  }

  /** @param reference see `LogFormat.parse` */
  line(line: string, reference: number): LogOutcome[] {
    const event = this.format.parse(line, reference);
    return event === null ? [] : this.#files.feed(event).map(toOutcome);
  }

  /** Lines that were held back until more was known, and need be no longer at `now`. */
  tick(now: number): LogOutcome[] {
    return this.#files.tick(now).map(toOutcome);
  }

  /** Everything that is still held back. */
  end(): LogOutcome[] {
    return this.#files.flush().map(toOutcome);
  }
}

function toOutcome(delivery: TracedDelivery): LogOutcome {
  const { at, recipient, originalRecipient, status, remoteMta, chain, sender, messageId, agent } = delivery;
  const diagnostic = delivery.text.replace(CONTROL, ' ').slice(0, MAX_DIAGNOSTIC).trim();
  const action = actionOf(delivery);
  return {
    at,
    fate: delivery.fate,
    outcome: {
      recipient,
      originalRecipient,
      action,
      status,
      diagnostic: diagnostic === '' ? null : diagnostic,
      remoteMta,
      class: classOf(delivery, action, diagnostic),
      permanent: action === 'failed',
    },
    message: { messageId, envid: null, queueId: chain[0] ?? null },
    chain,
    sender,
    agent,
  };
}

/** Thrown away by the relay's own setting is no proof that the address lives: `relayed`. */
function actionOf({ fate }: TracedDelivery): ReportedAction {
  if (fate === 'bounced' || fate === 'expired') return 'failed';
  if (fate === 'deferred') return 'delayed';
  return fate === 'discarded' ? 'relayed' : 'delivered';
}

/** A hop on this machine is ours, whatever it says; five days of "try again" are the recipient's side's, unless they were about us. */
function classOf(delivery: TracedDelivery, action: ReportedAction, diagnostic: string): FaultClass {
  if (action !== 'failed' && action !== 'delayed') return 'none';
  const fault = faultOfWords(delivery.status, diagnostic);
  const vague = fault === 'network' || fault === 'undetermined';
  if (vague && OWN_HOP.test(diagnostic)) return 'infrastructure';
  return vague && delivery.fate === 'expired' ? 'expired' : fault;
}

const OWN_HOP =
  /(?:connect to|host|conversation with|lost connection with) [^\s[\]]*\[(?:127\.\d+\.\d+\.\d+|(?:IPv6:)?::1|[^\]]*\/[^\]]*)\]/;
