/** What a simulation says is what would have happened. */

import { deepStrictEqual, equal } from 'node:assert/strict';
import t from 'tap';
import type { Decision } from '../../src/ledger/decision.js';
import { compare } from '../../src/replay/difference.js';
import { outcomeOf } from '../../src/replay/outcome.js';
import { AS_RECORDED } from '../../src/replay/recollection.js';
import { Simulation } from '../../src/replay/simulation.js';
import { replayTransaction } from '../../src/replay/transaction-replay.js';
import fc from '../support/property.js';
import { anyMail, anyRules, blemish, EXEMPT, type Mail, openLedger, policyContext } from './traffic.js';

const RUNS = 20;

async function decisionsOf(
  mails: readonly Mail[],
  policy: ReturnType<typeof policyContext>,
): Promise<readonly Decision[]> {
  const ledger = await openLedger(policy);
  try {
    await blemish(ledger.store);
    for (const mail of mails) await ledger.send(mail);
    return ledger.decisions;
  } finally {
    await ledger.close();
  }
}

t.test('the policy that made the decisions makes no difference to them', async (t) => {
  await fc.assert(
    fc.asyncProperty(anyRules, fc.array(anyMail, { minLength: 5, maxLength: 30 }), async (rules, mails) => {
      const policy = policyContext(rules);
      const decisions = await decisionsOf(mails, policy);
      const simulation = new Simulation(policy);
      for (const decision of decisions) {
        const replayed = replayTransaction(decision, policy, AS_RECORDED);
        if (replayed === null) throw new Error('a transaction');
        for (const { before, after } of compare(decision, replayed)) deepStrictEqual(after, before);
        simulation.take(decision);
      }
      const { differences, changedMessages } = simulation.result();
      deepStrictEqual([differences, changedMessages], [[], 0]);
    }),
    { numRuns: RUNS },
  );
  t.pass(`${RUNS} runs`);
});

/**
 * What hangs on more than the record: how old an account is by its first
 * accepted mail, whom a campaign reached, and rejections that mail refused by us
 * does not get.
 */
const settled = anyRules.map(
  ({ 'volume.warm-up': _, 'flood.campaign': __, 'recipient.revoked': revoked, ...rules }) => ({
    ...rules,
    // Who is deferred by another rule holds a place until the end of the batch, and others are asked once more only once.
    'recipient.revoked': { ...revoked, grace: revoked.grace === 'defer' ? 'reject' : revoked.grace },
  }),
);
const toKnownOnes = anyMail.map((mail) => {
  // Nor is one asked for again that was refused: the record of a mail that passed cannot have that.
  const seen = new Set<string>();
  // And exempt ones come in batches of their own: who lacks a place is asked for
  // once more after its batch, so after exempt ones that came later and had one.
  const to = mail.to
    .map((batch) => batch.filter((one) => !seen.has(one) && seen.add(one)))
    .flatMap((batch) => [batch.filter((one) => one !== EXEMPT), batch.filter((one) => one === EXEMPT)]);
  return { ...mail, unknownToRelay: [], to: to.filter((batch) => batch.length > 0) };
});

/** What became of each recipient in the end. */
function fates({ objections, recipients }: Decision): ReadonlyMap<string, string> {
  const at = (stage: string) => objections.filter((one) => one.stage === stage);
  return new Map(
    recipients.map((one) => {
      const reached = one.verdict === 'pass' ? at('message') : [];
      return [one.address, outcomeOf([at('mail'), one.objections, reached]).verdict];
    }),
  );
}

t.test('rules that were observed refuse, once enforced, what a simulation said', async (t) => {
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(settled, fc.array(toKnownOnes, { minLength: 5, maxLength: 30 }), async (rules, mails) => {
      const enforcing = policyContext(rules);
      const observed = await decisionsOf(mails, policyContext(rules, 'observe'));
      const enforced = await decisionsOf(mails, enforcing);
      const simulation = new Simulation(enforcing);
      observed.forEach((decision, index) => {
        const said = simulation.take(decision);
        const real = enforced[index];
        if (real === undefined) throw new Error('as many decisions');
        if (real.recipients.length === 0) {
          for (const { after } of said) equal(after.verdict, real.verdict);
          return;
        }
        deepStrictEqual(new Map(said.map(({ recipient, after }) => [recipient, after.verdict])), fates(real));
        refused += said.filter(({ after }) => after.verdict !== 'pass').length;
      });
    }),
    { numRuns: RUNS },
  );
  t.ok(refused > 100, `${refused} recipients were refused`);
});
