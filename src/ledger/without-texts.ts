import type { MessageFindings } from '../policy/message-facts.js';
import type { Decision } from './decision.js';

/**
 * A decision to be kept, without what the message says: no subject, no sentence
 * of it, no address block, no link. Who it claims to be from stays, and every
 * finding, so that it can be judged again.
 */
export function withoutTexts(decision: Decision): Decision {
  return decision.message === null ? decision : { ...decision, message: findingsWithoutTexts(decision.message) };
}

/** Signs that tell a kind of mail or a list; others are links. */
const TELLING: ReadonlySet<string> = new Set(['precedence', 'list-id', 'feedback-id']);

function findingsWithoutTexts(found: MessageFindings): MessageFindings {
  const { bulk, subject, unsubscribe, notice, postalAddresses } = found;
  return {
    ...found,
    bulk: { ...bulk, signs: bulk.signs.map((one) => (TELLING.has(one.sign) ? one : { ...one, value: '' })) },
    subject: subject === null ? null : { ...subject, subject: subject.subject === null ? null : '' },
    unsubscribe:
      unsubscribe === null
        ? null
        : { ...unsubscribe, means: unsubscribe.means.map((one) => ({ ...one, value: '', words: null })) },
    notice:
      notice === null
        ? null
        : {
            ...notice,
            notices: notice.notices.map((one) => ({ ...one, sentence: '' })),
            longer: notice.longer === null ? null : { ...notice.longer, sentence: '' },
          },
    postalAddresses: postalAddresses.map((one) => ({ ...one, text: '' })),
  };
}
