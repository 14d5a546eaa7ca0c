import { z } from 'zod';
import type { SessionAnswer } from '../../store/contract.js';
import { ratesSchema } from '../../units/rate.js';
import { overLimit } from '../over-limit.js';
import type { ConcurrencyLimit, Objection, Rule } from '../rule.js';

const sessions = z.int().min(1).max(1_000_000).nullable();

const parameters = z.strictObject({
  clientConcurrent: sessions
    .default(50)
    .describe('At most so many sessions of one client address at once; null: no limit.'),
  clientRates: ratesSchema()
    .prefault(['600/1m'])
    .describe('At most so many new sessions of one client address in any window of that length.'),
  accountConcurrent: sessions
    .default(50)
    .describe('At most so many sessions of one account at once, from all its clients; null: no limit.'),
  accountRates: ratesSchema()
    .prefault([])
    .describe('At most so many new sessions of one account in any window of that length.'),
});

type Parameters = z.infer<typeof parameters>;

function concurrency({ clientConcurrent, accountConcurrent }: Parameters): readonly ConcurrencyLimit[] {
  return [
    ...(clientConcurrent === null ? [] : [{ scope: 'client-sessions', count: clientConcurrent } as const]),
    ...(accountConcurrent === null ? [] : [{ scope: 'account-sessions', count: accountConcurrent } as const]),
  ];
}

function judge(sessions: SessionAnswer | null, most: number | null): Objection | null {
  if (sessions === null) return null;
  const { granted, concurrent, usage } = sessions;
  // A session that was granted (all are, in observe mode) is in `concurrent`, a refused one is not.
  if (most !== null && (granted ? concurrent > most : concurrent >= most)) {
    return { situation: 'concurrent', values: { limit: most }, evidence: { limit: most, concurrent } };
  }
  const over = overLimit('volume.connections', usage, 1);
  return over === null ? null : { ...over, situation: 'rate' };
}

export const volumeConnections: Rule<Parameters> = {
  id: 'volume.connections',
  summary: 'Clients and accounts open no more sessions, at once and in a time, than their share.',
  clause: {
    section: 'System and Network Security',
    text: 'Attempting to interfere with service to any user, host or network, including, without limitation, via means of deliberate attempts to overload a system, flooding, mail bombing, broadcast attacks, or crashing;',
  },
  parameters,
  replies: {
    concurrent: {
      code: { connect: 421, account: 421 },
      status: '4.7.0',
      text: 'At most {limit} connections at once are allowed here, please use those that are open',
      when: 'The client address or the account has as many sessions open as it may.',
      remedy: 'Send several messages over one connection, or lower the concurrency of your mail server.',
    },
    rate: {
      code: { connect: 421, account: 421 },
      status: '4.7.0',
      text: 'The limit of {limit} new connections in {per} is reached, please connect again in {wait}',
      when: 'The client address or the account opened as many sessions in a window as it may.',
      remedy: 'Send several messages over one connection.',
    },
  },
  needs: [],
  exemptible: false,
  limits: ({ clientRates, accountRates }) => [
    ...clientRates.map((rate) => ({ scope: 'client-sessions', resource: 'sessions', ...rate }) as const),
    ...accountRates.map((rate) => ({ scope: 'account-sessions', resource: 'sessions', ...rate }) as const),
  ],
  concurrency,
  judge: {
    connect: (facts, settings) => judge(facts.sessions, settings.clientConcurrent),
    account: (facts, settings) => judge(facts.sessions, settings.accountConcurrent),
  },
};
