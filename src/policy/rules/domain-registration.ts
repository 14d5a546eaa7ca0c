import { z } from 'zod';
import type { RegisteredDomain } from '../../store/contract.js';
import { ofBulk } from '../bulk.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';

const PARTS = ['privacyPolicy', 'complaintAddress', 'postalAddress'] as const;
const WORDS = {
  privacyPolicy: 'a privacy policy',
  complaintAddress: 'a complaint address',
  postalAddress: 'a postal address',
} as const;

const parameters = z.strictObject({
  require: z
    .array(z.enum(PARTS))
    .default([...PARTS])
    .describe('What must be registered with the From domain.'),
  parents: z.boolean().default(true).describe('Whether a registered domain stands for the domains below it, too.'),
  failedChecks: z
    .int()
    .min(0)
    .max(100)
    .default(0)
    .describe(
      'After so many checks in a row (`sluice domain verify`) that failed it counts as not registered; one that reached nobody is no failure. 0: checks are not counted.',
    ),
});

type Parameters = z.infer<typeof parameters>;

function judge(facts: MessageFacts, { require, parents, failedChecks }: Parameters): Objection | null {
  const bulk = ofBulk(facts);
  if (bulk === null) return null;
  const domain = bulk.fromDomain ?? 'of From';
  const registered = bulk.registration;
  if (registered === null || (!parents && registered.domain !== bulk.fromDomain)) {
    return { situation: 'unregistered', values: { domain }, evidence: { domain } };
  }
  const lacks = require.filter((part) => registered[part] === null);
  const values = { domain: registered.domain };
  if (lacks.length > 0) {
    const missing = lacks.map((part) => WORDS[part]).join(', ');
    return { situation: 'incomplete', values: { ...values, missing }, evidence: { ...values, lacks } };
  }
  const failing = failureOf(registered);
  if (failedChecks === 0 || failing === null || (registered.check?.troubles ?? 0) < failedChecks) return null;
  const troubles = registered.check?.troubles ?? 0;
  return { situation: 'failing', values: { ...values, failing }, evidence: { ...values, failing, troubles } };
}

/** What the latest check found wrong; nothing that it could not reach. */
function failureOf({ check }: RegisteredDomain): string | null {
  if (check?.privacyPolicy.outcome === 'failed') return `privacy policy: ${check.privacyPolicy.detail}`;
  if (check?.complaintAddress.outcome === 'failed') return `complaint address: ${check.complaintAddress.detail}`;
  return null;
}

export const domainRegistration: Rule<Parameters> = {
  id: 'domain.registration',
  summary: 'The From domain of bulk mail is registered, with privacy policy, complaint address and postal address.',
  clause: {
    section: 'E-Mail Requirements',
    text: 'Customer must have a privacy policy posted for each domain associated with the mailing;',
  },
  parameters,
  replies: {
    unregistered: {
      code: 554,
      status: '5.7.1',
      text: 'The domain {domain} is not registered for bulk mail of this account',
      when: 'The From domain is not registered for the account (`sluice domain add`).',
      remedy: 'Tell your provider the domain, its privacy policy, complaint address and postal address.',
    },
    incomplete: {
      code: 554,
      status: '5.7.1',
      text: 'The registration of {domain} for bulk mail lacks {missing}',
      when: 'Something in `require` is not registered.',
      remedy: 'Tell your provider what is missing.',
    },
    failing: {
      code: 554,
      status: '5.7.1',
      text: 'What is registered for {domain} does not hold: {failing}',
      when: 'The latest `failedChecks` checks all found something wrong.',
      remedy: 'Repair it, and ask your provider to check again.',
    },
  },
  needs: [],
  messageNeeds: () => ['bulk', 'registration'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
