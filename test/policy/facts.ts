import { type PolicySettings, resolvePolicies } from '../../src/policy/effective.js';
import type { EffectivePolicy, ReplyWords } from '../../src/policy/engine.js';
import type { MessageFindings } from '../../src/policy/message-facts.js';
import type {
  AccountFacts,
  AccountStageFacts,
  AuthFacts,
  ConnectFacts,
  MailFacts,
  MessageFacts,
  RecipientFacts,
} from '../../src/policy/rule.js';
import { ruleSettingsSchema } from '../../src/policy/rule-settings.js';
import type { Address } from '../../src/smtp/address.js';
import { parseAddress } from '../../src/smtp/path.js';
import type { AccountState } from '../../src/store/contract.js';
import type { Resource, WindowUsage } from '../../src/store/window.js';
import { MS } from '../../src/units/duration.js';

/** Noon of a day in 2026, so that days in replies are easy to tell. */
export const NOW = Date.UTC(2026, 9, 15, 12);

export const WORDS: ReplyWords = { ref: 'T1', policyUrl: 'https://policy.example/{rule}', texts: null };

export function address(text: string): Address {
  const parsed = parseAddress(text);
  if (parsed === null) throw new Error(`no address: ${text}`);
  return parsed;
}

/** The policy of an account without plan, from rules as they stand in a config. */
export function policyWith(
  rules: Record<string, unknown> = {},
  mode: PolicySettings['mode'] = 'enforce',
): EffectivePolicy {
  return resolvePolicies({ mode, rules: ruleSettingsSchema().parse(rules), plans: {}, accounts: {} }).anonymous;
}

export function state(over: Partial<AccountState> = {}): AccountState {
  return { account: 'acme', standing: 'good', changed: null, until: null, firstAcceptedAt: NOW - 400 * MS.d, ...over };
}

export function account(over: Partial<AccountFacts> = {}): AccountFacts {
  return { id: 'acme', plan: 'default', senders: null, state: state(), ...over };
}

const client = { address: '192.0.2.1', listener: 'submission' };

export function connectFacts(over: Partial<ConnectFacts> = {}): ConnectFacts {
  return { client, now: NOW, sessions: null, failures: [], ...over };
}

export function authFacts(over: Partial<AuthFacts> = {}): AuthFacts {
  return { client, now: NOW, username: 'user', failures: [], ...over };
}

export function accountStageFacts(over: Partial<AccountStageFacts> = {}): AccountStageFacts {
  return { client, now: NOW, account: account(), sessions: null, ...over };
}

export function mailFacts(over: Partial<MailFacts> = {}): MailFacts {
  return { client, now: NOW, account: account(), reversePath: address('me@acme.example'), declaredSize: null, ...over };
}

export function recipientFacts(over: Partial<RecipientFacts> = {}): RecipientFacts {
  return {
    ...mailFacts(),
    recipient: address('you@example.com'),
    position: 1,
    exempt: false,
    usage: [],
    suppression: null,
    revocation: null,
    rejections: null,
    ...over,
  };
}

export function messageFacts(over: Partial<MessageFacts> = {}): MessageFacts {
  return {
    ...mailFacts(),
    recipients: [address('you@example.com')],
    size: 1000,
    selfMail: false,
    usage: [],
    message: null,
    ...over,
  };
}

/** A window of a rule, over its limit unless said otherwise. */
export function usage(
  rule: string,
  resource: Resource,
  over: Partial<WindowUsage> & { count?: number; perMs?: number } = {},
): WindowUsage {
  const { count = 10, perMs = MS.h, ...rest } = over;
  return {
    limit: { rule, resource, perMs, count, enforced: true },
    used: count,
    over: true,
    freesUpInMs: 700_000,
    ...rest,
  };
}

/** A bulk message that no rule objects to. */
export function findings(over: Partial<MessageFindings> = {}): MessageFindings {
  return {
    kind: 'ordinary',
    opaque: false,
    bulk: { why: 'declared', signs: [{ sign: 'list-id', value: '<news.acme.example>' }], stream: null, campaign: null },
    mailboxes: [
      { field: 'From', name: 'Acme News', address: address('news@acme.example'), spelling: 'news@acme.example' },
    ],
    source: [],
    senderDomains: [],
    subject: { subject: 'News', empty: false, replyPrefix: null, forwardPrefix: null, threaded: false, oddities: [] },
    recipients: [{ key: 'you@example.com', sightings: ['to'], visible: true, everyAlternative: false }],
    unsubscribe: {
      means: [{ kind: 'link', where: '1', value: 'https://acme.example/leave', words: null, problem: null }],
      found: true,
      oneClick: false,
    },
    notice: { notices: [], found: true, longer: null },
    postalAddresses: [{ part: '1', text: '1 Main Street', by: 'postcode-and-street' }],
    fromDomain: 'acme.example',
    registration: {
      account: 'acme',
      domain: 'acme.example',
      privacyPolicy: 'https://acme.example/privacy',
      complaintAddress: 'abuse@acme.example',
      postalAddress: '1 Main Street',
      registeredAt: NOW,
      by: 'ann',
      check: null,
    },
    consents: [{ key: 'you@example.com', account: 'acme', at: NOW, source: 'web-form', evidence: null }],
    virus: null,
    spam: null,
    patterns: [],
    listings: null,
    signatures: [],
    ...over,
  };
}
