import { z } from 'zod';
import { ofBulk } from '../bulk.js';
import type { MessageFacts, Objection, Rule } from '../rule.js';

const parameters = z.strictObject({});

function judge(facts: MessageFacts): Objection | null {
  const campaign = ofBulk(facts)?.bulk.campaign;
  if (campaign === undefined) return null;
  const state = campaign === null || campaign.state === 'seen' ? (campaign?.ofAccount ?? 'seen') : campaign.state;
  if (state === 'approved') return null;
  const id = campaign?.id ?? 'none';
  return {
    situation: state === 'refused' ? 'refused' : 'awaits',
    values: { campaign: id },
    evidence: { campaign: id, state: campaign?.state ?? 'seen', ofAccount: campaign?.ofAccount ?? 'seen' },
  };
}

export const bulkApproval: Rule<z.infer<typeof parameters>> = {
  id: 'bulk.approval',
  summary: 'A bulk mailing waits until it, or its account, is approved (`sluice campaigns approve`).',
  clause: {
    section: 'E-Mail Requirements',
    text: 'SmartSource may, at its discretion, require Customer to seek advance approval for bulk and commercial email, which approval will not be granted unless Customer can demonstrate that all of these requirements will be met.',
  },
  parameters,
  replies: {
    awaits: {
      code: 451,
      status: '4.7.0',
      text: 'Bulk mail of this account needs approval, the campaign {campaign} waits for it',
      when: 'The message is bulk, and neither its campaign nor all of the account is approved.',
      remedy: 'Ask your provider to approve the campaign. A mail server tries again by itself meanwhile.',
    },
    refused: {
      code: 554,
      status: '5.7.1',
      text: 'The campaign {campaign} was not approved',
      when: 'The campaign, or all bulk mail of the account, was refused (`sluice campaigns refuse`).',
      remedy: 'Ask your provider what the mailing lacks.',
    },
  },
  needs: [],
  messageNeeds: () => ['bulk'],
  defaultMode: 'off',
  exemptible: false,
  judge: { message: judge },
};
