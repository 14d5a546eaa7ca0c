import { ACTION, has, MACRO_LIST, NEWEST_VERSION, OLDEST_VERSION, STEP } from './flags.js';

/** What the MTA can do. */
export interface MtaOffer {
  readonly version: number;
  readonly actions: number;
  readonly steps: number;
}

/** What we need for the rules that are on, and for what we do to messages. */
export interface Wants {
  /** `nothing` of the message: no rule counts its octets or reads it. */
  readonly content: 'nothing' | 'header' | 'whole';
  readonly actions: number;
}

/** How both talk from here on. */
export interface Agreement {
  readonly version: number;
  readonly actions: number;
  readonly steps: number;
  /** By the place of the list; empty where the MTA chooses. */
  readonly macroLists: ReadonlyMap<number, string>;
  /** What of the message comes: at least what was wanted. */
  readonly content: Wants['content'];
}

/** Who the client is, in the words of the MTA, and what it calls the message. */
const WANTED_MACROS: ReadonlyMap<number, string> = new Map([
  [MACRO_LIST.connect, '{daemon_name} {client_addr} v'],
  [MACRO_LIST.helo, ''],
  [MACRO_LIST.mail, '{auth_authen} {auth_type} {cert_subject} {verify}'],
  [MACRO_LIST.recipient, ''],
  [MACRO_LIST.data, ''],
  [MACRO_LIST.endOfMessage, 'i'],
  [MACRO_LIST.endOfHeader, ''],
]);

/**
 * What both can do of what we want; null: the MTA is older than anything that is spoken here.
 *
 * @param more steps that this very connection is better off with
 */
export function agree(offer: MtaOffer, wants: Wants, more = 0): Agreement | null {
  if (offer.version < OLDEST_VERSION) return null;
  const choosesMacros = has(offer.actions, ACTION.chooseMacros);
  // Macros of a certificate come with HELO, unless we may ask for them at MAIL.
  const wanted = stepsFor(wants.content) | (choosesMacros ? STEP.noHelo : STEP.noReplyHelo) | more;
  const steps = wanted & offer.steps;
  return {
    version: Math.min(offer.version, NEWEST_VERSION),
    actions: (wants.actions | ACTION.chooseMacros) & offer.actions,
    steps,
    macroLists: choosesMacros ? WANTED_MACROS : new Map(),
    content: has(steps, STEP.noHeaders) ? 'nothing' : has(steps, STEP.noBody) ? 'header' : 'whole',
  };
}

const HEADER_WITHOUT_REPLIES = STEP.leadingSpace | STEP.noReplyHeader | STEP.noReplyEndOfHeader;

function stepsFor(content: Wants['content']): number {
  // Over TCP DATA is asked for, though nothing is done at it. Postfix sends its macros even where it is not, then hands
  // the connection to another process, whose first packets wait (Nagle) until the macros are acknowledged: a
  // kernel that has nothing to send does that after 40 ms. Our answer acknowledges them at once.
  const always = STEP.noUnknown;
  switch (content) {
    case 'nothing':
      return always | STEP.noHeaders | STEP.noEndOfHeader | STEP.noBody;
    case 'header':
      return always | HEADER_WITHOUT_REPLIES | STEP.noBody;
    case 'whole':
      return always | HEADER_WITHOUT_REPLIES | STEP.noReplyBody;
  }
}

/** Do the answers to what was agreed on still suffice? After a reload they may not. */
export function suffices({ content }: Agreement, wants: Wants): boolean {
  const order = ['nothing', 'header', 'whole'];
  return order.indexOf(content) >= order.indexOf(wants.content);
}
