import { z } from 'zod';
import type { AccountState } from '../../store/contract.js';
import { dayInWords } from '../day.js';
import type { Objection, ReplyTemplate, Rule } from '../rule.js';

const parameters = z.strictObject({});

function judge(state: AccountState): Objection | null {
  if (state.standing !== 'suspended' && state.standing !== 'terminated') return null;
  const { standing, changed, until } = state;
  return {
    situation: standing,
    values: {
      since: changed === null ? 'an unknown day' : dayInWords(changed.at),
      until: until === null ? 'further notice' : dayInWords(until),
    },
    evidence: { standing, until, changed: changed === null ? null : { ...changed } },
  };
}

// RFC 3463 with RFC 7372's registry update: X.7.13 "user account disabled", 525 at AUTH (RFC 5248 registry).
const CODE = { account: 525, mail: 550 } as const;
const REMEDY = 'Answer the notice that your provider sent, or ask your provider what is needed.';

export const accountStanding: Rule<z.infer<typeof parameters>> = {
  id: 'account.standing',
  summary: 'Suspended and terminated accounts send nothing. Accounts that were warned do.',
  clause: {
    section: 'Suspension; Termination',
    text: "may temporarily suspend the Services pending Customer's agreement in writing to refrain from any further violations; provided, however, that if SmartSource deems it necessary, it may immediately suspend or terminate the Services without issuing such a warning.",
  },
  parameters,
  replies: {
    suspended: {
      code: CODE,
      status: '5.7.13',
      text: 'This account is suspended since {since} until {until}',
      when: 'The account is suspended. 525 at AUTH, 550 at MAIL.',
      remedy: REMEDY,
    },
    terminated: {
      code: CODE,
      status: '5.7.13',
      text: 'This account is closed since {since}',
      when: 'The account was terminated. 525 at AUTH, 550 at MAIL.',
      remedy: REMEDY,
    },
  } satisfies Record<string, ReplyTemplate>,
  needs: [],
  exemptible: false,
  judge: {
    account: (facts) => judge(facts.account.state),
    // Again at MAIL: an account can be suspended while its session lasts.
    mail: (facts) => judge(facts.account.state),
  },
};
