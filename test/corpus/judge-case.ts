/** Judges one message of the corpus as the transaction would, with a store and a world that the case brings. */

import { matchPatterns, parsePatterns } from '../../src/lookup/patterns.js';
import { inspect } from '../../src/message/inspector.js';
import { builtInWords } from '../../src/message/words.js';
import { judge } from '../../src/policy/engine.js';
import { wishOf } from '../../src/policy/findings-of.js';
import { type FindingSources, gatherFindings } from '../../src/transaction/gather-findings.js';
import { account, address, messageFacts, NOW, policyWith, WORDS } from '../policy/facts.js';
import type { Case, World } from './case.js';

const words = builtInWords();
const { patterns } = parsePatterns('list-sale any (?i)\\b(sell|buy)\\b.{0,40}\\bemail lists?\\b');

export interface Judged {
  readonly verdict: Case['verdict'];
  /** What the client would hear; null: nothing. */
  readonly reply: string | null;
}

export async function judgeCase({ rule, message, parameters, world = {}, ...envelope }: Case): Promise<Judged> {
  const rules = policyWith({ [rule]: { mode: 'enforce', ...parameters } });
  const recipients = (envelope.recipients ?? ['bob@example.net']).map(address);
  const reversePath = address(envelope.reversePath ?? 'bounce@acme.example');
  const wish = wishOf(rules.messageNeeds, true) ?? 'header';
  const inspection = inspect(Buffer.from(message), wish);
  const found = await gatherFindings(
    {
      inspection,
      recipients,
      reversePath,
      rules,
      words,
      now: NOW,
      account: 'acme',
      scanned: { virus: null, spam: null },
    },
    sourcesOf(world),
  );
  const senders = ['acme.example', '*.acme.example'];
  const facts = messageFacts({ recipients, reversePath, message: found, account: account({ senders }) });
  const { heard } = judge('message', facts, rules, WORDS);
  return { verdict: heard?.rule === rule ? 'refuse' : 'pass', reply: heard?.reply ?? null };
}

function sourcesOf(world: World): FindingSources {
  const { campaign = { state: 'seen', recipients: 1 }, registered = {}, consented = [], listed = [] } = world;
  const nothing = { privacyPolicy: null, complaintAddress: null, postalAddress: null };
  return {
    store: {
      sightCampaign: async ({ account, windowsMs, subject, sender }) => ({
        campaign: {
          ...{ account, id: 'c1', state: campaign.state, decided: null, firstAt: NOW, latestAt: NOW },
          ...{ messages: 1, recipients: campaign.recipients, subject, sender },
        },
        recipients: windowsMs.map(() => campaign.recipients),
        ofAccount: 'seen',
      }),
      registeredDomain: async (account, domains) => {
        const domain = domains.find((one) => registered[one] !== undefined);
        if (domain === undefined) return null;
        return {
          account,
          domain,
          ...nothing,
          ...withoutUndefined(registered[domain] ?? {}),
          registeredAt: NOW,
          by: 'x',
          check: null,
        };
      },
      subscriptionRevocationsOf: async (_account, keys) => keys.map(() => []),
      consentsOf: async (account, keys) =>
        keys.map((key) =>
          consented.includes(key) ? { key, account, at: NOW, source: 'web-form', evidence: null } : null,
        ),
    },
    lookups: {
      mailDomain: async (domain) => ({ domain, receives: 'yes', detail: 'MX' }),
      listings: async (addresses, zones) => ({
        listings: addresses
          .filter((one) => listed.includes(one))
          .map((one) => ({ address: one, zone: zones[0]?.zone ?? '', codes: ['127.0.0.2'] })),
        unanswered: [],
      }),
      patterns: (texts) => matchPatterns(patterns, texts),
    },
  };
}

function withoutUndefined(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
