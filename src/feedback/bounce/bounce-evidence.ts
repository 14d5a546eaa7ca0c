import { localPart } from '../address/mailboxes.js';
import { BOUNCE_SUBJECT, CERTAIN_DELAY, DELAY_PHRASE, FAILURE_PHRASE, FINAL_PHRASE, REPLY_SUBJECT } from './phrases.js';

/** What speaks for a message without a delivery status being a bounce. */
export interface BounceEvidence {
  readonly isBounce: boolean;
  /** Still being tried. */
  readonly isDelay: boolean;
}

export interface BounceSigns {
  readonly from: string | null;
  readonly fromText: string;
  readonly subject: string;
  readonly words: string;
  /** The envelope's reverse-path was null, as far as the file says; null when it does not say. */
  readonly nullPath: boolean | null;
  /** The type is that of a delivery report, though no delivery status was found. */
  readonly isReport: boolean;
  readonly failedRecipients: boolean;
  /** A message came back, whole or its header section. */
  readonly hasReturned: boolean;
  /** Some line is about one mailbox. */
  readonly namesOnLine: boolean;
  /** Has `List-Unsubscribe`: a newsletter, or a bounce that went through a list. */
  readonly isListMail: boolean;
  /** Has a field of mailing list software. Its posts have it too, so that it weighs little. */
  readonly isByListManager: boolean;
  readonly isAnswer: boolean;
}

const DAEMON_LOCAL =
  /^(?:"?mailer[-_. ]?daemon|mail[-_. ]?(?:er)?daemon|post[-_. ]?master|mdaemon|mail[-_.]?delivery|delivery[-_.].*|bounces?|daemon|smtp[-_]?(?:gateway|server)|mta|gwia|ndr|mail(?:er|system|server)?|mailsystem|uucp|system|administrator|microsoftexchange[0-9a-f]*|maild|mailadmin|mailsweeper|returned?.*|undeliver.*|mailgw.*|amavis.*|symantec.*)/i;
const DAEMON_NAME =
  /mail(?:er)?[ -_]?(?:delivery|daemon|system|server|router|gateway|administrator)|postmaster|system administrator|delivery (?:sub)?system|mail delivery|exchange|administrator|メール|системы доставки|systemadministrator|administrateur|mail-system|undelivered/i;
/** What only a bounce calls itself. */
const NAMES_ITSELF =
  /non-?delivery (?:report|notification|receipt)|delivery (?:status notification|failure (?:report|notification))|undeliverable (?:mail|message)|mail delivery (?:failure|error|report)|returned mail:|transcript of session follows|(?:permanent fatal|delivery) errors/;
const REFUSAL_LINE =
  /(?:^|[\s:;,(["'<])(?:5[0-5]\d|4[2-5]\d)[ -](?:[^\n]{3})|(?:^|[^\d.])[45]\.[0-7]\.\d{1,3}(?![\d.])/;

/**
 * Two independent signs are needed, one of which is what the text says: a person
 * who writes about bounces has the words, a robot that answers has the null path,
 * a newsletter may have the subject.
 */
export function weighBounce(signs: BounceSigns): BounceEvidence {
  const words = unquoted(signs.words).toLowerCase().replace(/\s+/g, ' ');
  const subject = signs.subject.toLowerCase();
  const daemon = isDaemon(signs);
  const title = BOUNCE_SUBJECT.test(subject) && !REPLY_SUBJECT.test(subject);
  const phrase = FAILURE_PHRASE.test(words) || DELAY_PHRASE.test(words) || CERTAIN_DELAY.test(words);
  const refusal = REFUSAL_LINE.test(unquoted(signs.words));
  const weight =
    (signs.failedRecipients ? 3 : 0) +
    (daemon ? 2 : 0) +
    (signs.isReport ? 2 : 0) +
    (NAMES_ITSELF.test(words) ? 1 : 0) +
    (title ? 1 : 0) +
    (signs.nullPath === true ? 1 : 0) +
    (signs.isByListManager ? 1 : 0) +
    (phrase ? 1 : 0) +
    (refusal ? 1 : 0) +
    (signs.hasReturned ? 1 : 0) -
    (signs.isAnswer ? 2 : 0) -
    (signs.isListMail && !daemon ? 2 : 0) -
    (REPLY_SUBJECT.test(subject) && !daemon ? 2 : 0);
  const fromMachine = daemon || signs.nullPath === true || signs.isReport || signs.failedRecipients;
  const looksLikeOne =
    title && (signs.hasReturned || signs.namesOnLine || signs.isByListManager || NAMES_ITSELF.test(words));
  const isBounce = weight >= 3 && (phrase || refusal || title) && (fromMachine || looksLikeOne);
  return { isBounce, isDelay: isBounce && tellsDelay(words, subject) };
}

/** What somebody quotes is not what they say. */
function unquoted(words: string): string {
  return words.slice(0, 16_384).replace(/^>.*$/gm, '');
}

export function isDaemon({ from, fromText }: Pick<BounceSigns, 'from' | 'fromText'>): boolean {
  if (from !== null && DAEMON_LOCAL.test(localPart(from))) return true;
  // `From: MAILER-DAEMON (Mail Delivery Subsystem)` has no address at all.
  return DAEMON_NAME.test(fromText) || (from === null && DAEMON_LOCAL.test(fromText.trim()));
}

export function tellsDelay(words: string, subject: string): boolean {
  if (PERMANENT.test(words)) return false;
  if (CERTAIN_DELAY.test(words)) return true;
  if (FINAL_PHRASE.test(words) || /fail|undeliver|returned|unknown|permanent/.test(subject)) return false;
  return (
    DELAY_PHRASE.test(words) ||
    /delay|warning: (?:could|message|mail).{0,40}(?:past|still|not)|verzöger|retardé|遅延|延迟|задерж/.test(subject)
  );
}

const PERMANENT =
  /permanent(?:ly)? (?:fatal )?(?:error|fail)|failed permanently|will be (?:deleted|removed) from (?:the )?queue/;
