import { findMailboxes, localPart, sameMailbox } from '../address/mailboxes.js';

export interface NamedRecipient {
  readonly address: string;
  /** Line of the text where it is named. */
  readonly line: number;
}

export interface Surroundings {
  /** Recipients of the returned message. */
  readonly returnedTo: readonly string[];
  /** For whom servers on the way took the returned message (`Received: … for <bob@example.net>`). */
  readonly takenFor: readonly string[];
  /** Who is certainly not meant: the reporter, and the sender to whom it reports. */
  readonly notMeant: readonly string[];
}

const MAX_LINES = 4_000;
const MAX_LINE = 2_000;
/** `Recipient: bob@example.net`, in the words of many programs. */
const LABEL =
  /^[\s>*•·#-]{0,20}(?:final[- ]recipient|original[- ]recipient|original address|(?:failed |intended |affected |invalid |rejected )?recipients?(?:'s)?(?: ?\(s\))?(?: e-?mail)?(?: address(?:es)?)?|failed address(?:es)?|addressed to|addressee|delivered? to|undeliverable to|unknown user|(?:bad|invalid|unknown|unrouteable) address|address(?:es)?|e-?mail address|user|mailbox|could not be delivered to|(?:did|was) not reach|rcpt to|forward-path|empfänger(?:adresse)?|destinataires?|destinatari[oa]s?|ontvanger|odbiorca|получатель|宛先|受信者|送信先|收件人|收信人|받는 사람|alıcı)(?: address)?\s{0,4}(?:[:=：]|\s(?=<))/i;
const TO_LABEL = /^[\s>*-]{0,20}(?:to|an|à|para|aan|do|кому|до)\s{0,4}[:：]/i;
const NOT_A_RECIPIENT =
  /^[\s>*-]{0,20}(?:from|sender|reply-?to|mail from|message-?id|reporting|return-?path|von|de|od|от|da|van|id|references|in-reply-to|cc|received|subject|sent by|date)\s{0,4}[:：]|mail from\s{0,3}:|message-?id(?! in\b)/i;
const LINE_START = /^[\s>*•·|"'<([{=-]{0,40}(?:\d{1,3}[.)]\s{0,4})?(?:smtp:|mailto:|rfc822;\s?)?[<"'(]{0,3}$/i;
const AFTER_START = /^["'>)\]]{0,4}\s{0,8}(?:$|:|\.{2,4}|[,;([-]|…|=>|\s|\.$|failed|[A-Z])/;
/** `not a member of this mailing list <list@example.net>`: the list is whom the message was for. */
const LIST = /\bmailing[- ]?list\s{0,3}[:<("']{0,3}$/i;
const RCPT = /rcpt\s{0,3}to\s{0,3}:\s{0,3}$|rcpt\s{0,3}to\s{0,3}:?\s{0,3}<$|smtp[:=]$|recipient\s{0,3}[<:]?\s{0,3}$/i;
/** Words before an address that make it the object of a failure. */
const OBJECT =
  /(?:deliver\w*|deliverable|sent|send|delivery|message|mail|e-?mail|forward(?:ed)?|reach|user|recipient|address|mailbox|account|for|to|unknown|such|invalid|rejected|an|à|para|ont|zu|für|empfänger|adresse|destinataire|destinatario|a)\s{0,3}[:;,(<"'[]{0,4}$/i;
const REFUSAL = /(?:^|[^\d.])[45]\d\d[ -]|[45]\.\d{1,3}\.\d{1,3}/;
const ALONE =
  /^(?:<(?=[^<>\s]{1,576}>:\s*$)|[\s>*-]{0,20}(?:final[- ])?recipient(?: address)?\s{0,4}:\s{0,4}<?(?=[^<>\s]{1,576}>?\s*$))([^<>\s]{1,256}@[^<>\s]{1,255})/i;
const FROM_WHOM = /(?<!generated |expanded |forwarded )\b(?:from|by|von|de|da|от)\s{1,3}<?$/i;
/** Mailboxes that explanations, and the footers of mailing lists, point to for help. */
const HELP =
  /^(?:postmaster|mailer-?daemon|mail-?daemon|abuse|support|help|helpdesk|hostmaster|webmaster|admin|administrator|info|service|feedback|noreply|no-reply|contact|.{1,64}-(?:un)?subscribe|.{1,64}-(?:help|owner|request))$/;

/**
 * Whom a bounce's text speaks of. Shapes of lines are tried from the most to the
 * least telling; where the best of them names nobody that the returned message
 * was for, but another does, that one is believed.
 */
export function recipientsInText(text: string, surroundings: Surroundings): NamedRecipient[] {
  const lines = text.split('\n', MAX_LINES).map((line) => line.slice(0, MAX_LINE));
  const shapes: NamedRecipient[][] = [[], [], [], [], [], []];
  lines.forEach((line, index) => {
    for (const found of candidates(line, index, surroundings)) shapes[found.shape]?.push(found);
  });
  const likely = [...surroundings.returnedTo, ...surroundings.takenFor];
  const known = (named: readonly NamedRecipient[]) => named.filter(({ address }) => isIn(address, likely));
  const index = shapes.findIndex((named) => named.length > 0);
  const best = shapes[index] ?? writesToItself(lines, surroundings);
  // In running text, other addresses explain.
  if (index >= 3 && known(best).length > 0) return distinct(known(best));
  if (known(best).length === 0) {
    // Not by the `To:` of a quoted message, nor by its mention in passing.
    const other = shapes.slice(0, 4).find((named) => known(named).length > 0);
    if (other !== undefined) return distinct(known(other));
  }
  return distinct(best);
}

/** `<bob@example.net>:` or `Recipient: bob@example.net`, where nobody but the sender is named: it wrote to itself. */
function writesToItself(lines: readonly string[], { notMeant }: Surroundings): NamedRecipient[] {
  return lines.flatMap((text, line) => {
    const address = ALONE.exec(text)?.[1] ?? '';
    return isIn(address, notMeant) ? [{ address, line }] : [];
  });
}

interface Candidate extends NamedRecipient {
  readonly shape: number;
}

function candidates(line: string, index: number, surroundings: Surroundings): Candidate[] {
  if (!line.includes('@') || NOT_A_RECIPIENT.test(line)) return [];
  const labelled = LABEL.test(line);
  const to = TO_LABEL.test(line);
  const found: Candidate[] = [];
  for (const { address, start, end } of findMailboxes(line, 200)) {
    const before = line.slice(0, start);
    const isKnown = isIn(address, surroundings.returnedTo);
    if (!isKnown && isIn(address, surroundings.notMeant)) continue;
    if (!isKnown && HELP.test(localPart(address))) continue;
    if (!isKnown && FROM_WHOM.test(before.slice(-20))) continue;
    if (before.endsWith('mailto:') && line.charAt(end) === '?') continue;
    // A message id in its brackets.
    if (/(?:message.{0,3}id|\bid\b)(?! in\b)/i.test(before.slice(-20)) && /</.test(before.slice(-1))) continue;
    const shape = shapeOf({ before, after: line.slice(end), labelled, to, refusal: REFUSAL.test(line) });
    found.push({ address, line: index, shape });
  }
  return found;
}

function shapeOf(place: {
  readonly before: string;
  readonly after: string;
  readonly labelled: boolean;
  readonly to: boolean;
  readonly refusal: boolean;
}): number {
  if (place.labelled || LIST.test(place.before)) return 0;
  if (LINE_START.test(place.before) && AFTER_START.test(place.after)) return 1;
  if (RCPT.test(place.before)) return 2;
  if (place.to) return 4;
  if (OBJECT.test(place.before) || place.refusal || /^["'>)\]]{0,4}\.{3}|^["'>)\]]{0,4}:/.test(place.after)) return 3;
  return 5;
}

function isIn(address: string, all: readonly string[]): boolean {
  return all.some((other) => sameMailbox(address, other));
}

function distinct(named: readonly NamedRecipient[]): NamedRecipient[] {
  const seen = new Set<string>();
  return named.filter(({ address }) => {
    const key = address.toLowerCase();
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** Whether some line is about one mailbox, as the lists in bounces are and running text is not. */
export function namesOnLine(text: string): boolean {
  return text
    .split('\n', MAX_LINES)
    .some(
      (line) => line.includes('@') && candidates(line.slice(0, MAX_LINE), 0, NOBODY).some(({ shape }) => shape <= 2),
    );
}

const NOBODY: Surroundings = { returnedTo: [], takenFor: [], notMeant: [] };
