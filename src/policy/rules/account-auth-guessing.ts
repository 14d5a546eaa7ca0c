import { z } from 'zod';
import type { WindowUsage } from '../../store/window.js';
import { type Rate, ratesSchema } from '../../units/rate.js';
import { waitValues } from '../over-limit.js';
import type { LimitScope, Objection, Rule, RuleLimit } from '../rule.js';

const parameters = z.strictObject({
  client: ratesSchema()
    .prefault(['100/1h'])
    .describe(
      'Failed log-ins of one client address, whatever the usernames. Generous, since many people may share an address.',
    ),
  clientUsername: ratesSchema().prefault(['10/1h']).describe('Failed log-ins of one client address for one username.'),
  username: ratesSchema()
    .prefault(['50/1h'])
    .describe(
      'Failed log-ins for one username from all addresses together. Refuses only clients that failed for it themselves, so that guessers from many addresses get one attempt each and the owner, who knows the password, is never locked out by them. Without `clientUsername` it refuses nobody.',
    ),
});

type Parameters = z.infer<typeof parameters>;

function limits(scope: LimitScope, rates: readonly Rate[]): readonly RuleLimit[] {
  return rates.map(({ count, perMs }) => ({ scope, resource: 'failures', perMs, count }));
}

/** A meter refuses once it is full: what is asked for is not counted by it, failures are. */
function isFull({ used, limit }: WindowUsage): boolean {
  return used >= limit.count;
}

function objection(full: readonly WindowUsage[]): Objection | null {
  const [first] = full;
  if (first === undefined) return null;
  const worst = full.reduce((so, use) => (use.limit.perMs > so.limit.perMs ? use : so), first);
  const { limit, used, freesUpInMs } = worst;
  return {
    situation: 'tooManyFailures',
    // Which of the windows it was, and how far it is filled, helps nobody but a guesser.
    values: waitValues(freesUpInMs ?? limit.perMs),
    evidence: { limit: limit.count, perMs: limit.perMs, used },
  };
}

function judgeAuth(failures: readonly WindowUsage[], { client, clientUsername }: Parameters): Objection | null {
  const ofClient = failures.slice(0, client.length);
  const ofPair = failures.slice(client.length, client.length + clientUsername.length);
  const ofUsername = failures.slice(client.length + clientUsername.length);
  const failedHere = ofPair.some((use) => use.used > 0);
  return objection([...ofClient, ...ofPair, ...(failedHere ? ofUsername : [])].filter(isFull));
}

export const accountAuthGuessing: Rule<Parameters> = {
  id: 'account.auth-guessing',
  summary: 'A client that failed to log in too often must wait.',
  clause: {
    section: 'System and Network Security',
    text: 'Using an Internet account or computer that Customer is not authorized to use, accessing data not intended for Customer, or logging into a server or account that Customer is not authorized to access;',
  },
  parameters,
  replies: {
    tooManyFailures: {
      code: { connect: 421, auth: 454 },
      status: '4.7.0',
      text: 'Too many failed log-ins, please try again in {wait}',
      when: 'A window of failed log-ins is full. 454 at AUTH, 421 as the client connects.',
      remedy: 'Correct the stored password in every program and device that uses it, then wait.',
    },
  },
  needs: [],
  exemptible: false,
  limits: ({ client, clientUsername, username }) => [
    ...limits('client-failures', client),
    ...limits('client-username-failures', clientUsername),
    ...limits('username-failures', username),
  ],
  judge: {
    connect: (facts) => objection(facts.failures.filter(isFull)),
    auth: (facts, settings) => judgeAuth(facts.failures, settings),
  },
};
