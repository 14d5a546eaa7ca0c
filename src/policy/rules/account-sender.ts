import { z } from 'zod';
import { matchesAnyPattern } from '../../smtp/address-pattern.js';
import { poserIn } from '../display-name.js';
import type { SenderField, SenderMailbox } from '../message-facts.js';
import type { AccountFacts, MailFacts, MessageFacts, Objection, Rule } from '../rule.js';

const FIELDS = ['From', 'Sender', 'Reply-To', 'Resent-From', 'Resent-Sender'] as const satisfies readonly SenderField[];

const brandSchema = z.strictObject({
  name: z.string().min(2).max(60).describe('As a reader sees it.'),
  domains: z.array(z.string().toLowerCase()).min(1).describe('Whose name it is.'),
});

const parameters = z.strictObject({
  nullReversePath: z
    .enum(['pass', 'reject'])
    .default('pass')
    .describe('What becomes of the null reverse-path `<>` that bounces have (limits of their own: `volume.exempt`).'),
  unlisted: z
    .enum(['pass', 'reject'])
    .default('pass')
    .describe('What becomes of mail from accounts that have no list of senders.'),
  fields: z
    .array(z.enum(FIELDS))
    .default([])
    .describe(
      "Fields of the header whose addresses must be in the account's list of senders, too. `[From, Sender]` is a good start; answers may well go elsewhere (`Reply-To`).",
    ),
  displayName: z
    .enum(['pass', 'reject'])
    .default('pass')
    .describe('What becomes of mail whose display name in From is an e-mail address that the account may not use.'),
  brands: z
    .array(brandSchema)
    .max(1000)
    .default([])
    .describe(
      'Names that only mail from certain `domains` (and those below) may have in the display name of From. Letters that look alike count as alike.',
    ),
});

type Parameters = z.infer<typeof parameters>;

function judgeMail({ reversePath, account }: MailFacts, { nullReversePath, unlisted }: Parameters): Objection | null {
  if (reversePath === null) {
    return nullReversePath === 'pass' ? null : { situation: 'nullReversePath', values: {}, evidence: {} };
  }
  if (account.senders === null) {
    return unlisted === 'pass' ? null : { situation: 'unlisted', values: {}, evidence: {} };
  }
  if (matchesAnyPattern(reversePath, account.senders)) return null;
  return {
    situation: 'foreign',
    values: { sender: reversePath.spelling },
    evidence: { reversePath: reversePath.key },
  };
}

function judgeMessage({ message, account }: MessageFacts, asked: Parameters): Objection | null {
  if (message === null) return null;
  return foreignField(message.mailboxes, account, asked.fields) ?? posingName(message.mailboxes, account, asked);
}

function foreignField(
  mailboxes: readonly SenderMailbox[],
  { senders }: AccountFacts,
  fields: readonly SenderField[],
): Objection | null {
  if (senders === null) return null;
  const foreign = mailboxes.find(
    ({ field, address }) => fields.includes(field) && (address === null || !matchesAnyPattern(address, senders)),
  );
  if (foreign === undefined) return null;
  const { field, spelling } = foreign;
  return { situation: 'foreignField', values: { field, sender: spelling }, evidence: { field, address: spelling } };
}

function posingName(
  mailboxes: readonly SenderMailbox[],
  { senders }: AccountFacts,
  { displayName, brands }: Parameters,
): Objection | null {
  for (const { field, name, address } of mailboxes) {
    if (field !== 'From') continue;
    const poser = poserIn(name, address, { addresses: displayName === 'reject', brands, senders });
    if (poser === null) continue;
    const from = address?.spelling ?? '';
    return { situation: poser.kind, values: { as: poser.as, sender: from }, evidence: { as: poser.as, from } };
  }
  return null;
}

function messageNeeds({ fields, displayName, brands }: Parameters) {
  return fields.length > 0 || displayName === 'reject' || brands.length > 0 ? (['sender'] as const) : [];
}

export const accountSender: Rule<Parameters> = {
  id: 'account.sender',
  summary:
    'The reverse-path is an address that the account may use; so are those in the header, and no name poses as another, if set so.',
  clause: {
    section: 'E-Mail Requirements',
    text: "Customer must not obscure the source of Customer's email in any manner;",
  },
  parameters,
  replies: {
    foreign: {
      code: 550,
      status: '5.7.1',
      text: 'The sender address <{sender}> does not belong to this account',
      when: "MAIL FROM is not in the account's list of senders.",
      remedy: 'Send from an address of your own, or ask your provider to add the address or domain to your account.',
    },
    nullReversePath: {
      code: 550,
      status: '5.7.1',
      text: 'This account may not send with an empty sender address',
      when: 'MAIL FROM:<> and `nullReversePath: reject`.',
      remedy: 'Send from an address of your own.',
    },
    unlisted: {
      code: 550,
      status: '5.7.1',
      text: 'No sender addresses are registered for this account yet',
      when: 'The account has no list of senders and `unlisted: reject`.',
      remedy: 'Ask your provider to register your addresses or domains.',
    },
    foreignField: {
      code: 554,
      status: '5.7.1',
      text: 'The address <{sender}> in {field} does not belong to this account',
      when: "An address in one of `fields` is not in the account's list of senders, or cannot be read.",
      remedy: 'Send from an address of your own, or ask your provider to add the address or domain to your account.',
    },
    posesAsAddress: {
      code: 554,
      status: '5.7.1',
      text: 'The name in From looks like the address {as}, which is not yours',
      when: 'The display name is an e-mail address other than the one behind it, and `displayName: reject`.',
      remedy: 'Write your own name.',
    },
    posesAsBrand: {
      code: 554,
      status: '5.7.1',
      text: 'The name in From poses as {as}, which <{sender}> is not',
      when: 'The display name has a name of `brands`, and the address is not of its domains.',
      remedy: 'Write your own name.',
    },
  },
  needs: [],
  messageNeeds,
  exemptible: false,
  judge: { mail: judgeMail, message: judgeMessage },
};
