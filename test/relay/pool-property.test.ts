import t from 'tap';
import { RelayFailure, type RelaySession } from '../../src/relay/contract.js';
import { createRelayPool } from '../../src/relay/pool.js';
import { isPositive } from '../../src/smtp/reply.js';
import fc from '../support/property.js';
import { startRelaySink } from '../support/relay-sink.js';
import { CLIENT, keepingLog, path, poolOptions } from './pool-for-tests.js';

const LIMITS = { acquireMs: 2000, mailMs: 1000, recipientMs: 1000, dataMs: 1000, finalDotMs: 1000, resetMs: 1000 };

const VERBS = ['MAIL', 'RCPT', 'DATA', 'END', 'RSET'] as const;

const fault = fc.constantFrom(
  { hangUp: 'destroy' } as const,
  { hangUp: 'close' } as const,
  { reply: '421 4.3.2 going', hangUp: 'close' } as const,
  { reply: '450 4.2.0 not now' } as const,
  { reply: '550 5.1.1 no' } as const,
  { reply: '250 2.0.0 once\r\n250 2.0.0 twice' } as const,
);

const transaction = fc.record({
  recipients: fc.integer({ min: 1, max: 3 }),
  deferred: fc.boolean(),
  ending: fc.constantFrom('finish', 'finish', 'finish', 'release', 'release unanswered', 'abandon', 'abandon content'),
});
type Wanted = { recipients: number; deferred: boolean; ending: string };

const run = fc.record({
  limit: fc.integer({ min: 1, max: 3 }),
  pipelining: fc.boolean(),
  // For each verb, the occurrences that go wrong, and how.
  faults: fc.array(fc.record({ verb: fc.constantFrom(...VERBS), at: fc.integer({ min: 1, max: 12 }), fault }), {
    maxLength: 5,
  }),
  clients: fc.array(fc.array(transaction, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 4 }),
});

/** One transaction; its name if the relay said 250 to it. */
async function transact(session: RelaySession, name: string, wanted: Wanted): Promise<string | null> {
  const recipients = Array.from({ length: wanted.recipients }, (_, index) => path(`${name}-${index}@d`));
  const giveUp = wanted.ending === 'release unanswered';
  if (wanted.deferred) {
    const asked = session.envelope(path(name), recipients);
    if (giveUp) session.release();
    const { data } = await asked;
    if (data?.code !== 354) return null;
  } else {
    if (!isPositive(await session.mail(path(name)))) return null;
    const asked = session.recipients(recipients);
    if (giveUp) session.release();
    const replies = await asked;
    if (giveUp || wanted.ending === 'release' || wanted.ending === 'abandon' || !replies.some(isPositive)) return null;
    if ((await session.data()).code !== 354) return null;
  }
  await session.write(Buffer.from(`Subject: ${name}\r\n`));
  if (wanted.ending !== 'finish') return null;
  return (await session.finish(Buffer.from('\r\n'))).code === 250 ? name : null;
}

t.test('whatever goes wrong, no message gets lost, doubled or mixed with another', async (t) => {
  const sink = await startRelaySink(t);
  await fc.assert(
    fc.asyncProperty(run, async ({ limit, pipelining, faults, clients }) => {
      const seen = new Map<string, number>();
      const steps = Object.fromEntries(
        VERBS.map((verb) => [
          verb,
          () => {
            const at = (seen.get(verb) ?? 0) + 1;
            seen.set(verb, at);
            return faults.find((each) => each.verb === verb && each.at === at)?.fault;
          },
        ]),
      );
      sink.script = { ehlo: pipelining ? ['PIPELINING'] : [], steps };
      const firstMessage = sink.ended.length;
      const firstAccepted = sink.messages.length;
      const pool = createRelayPool(poolOptions(sink.port, { limit, timeouts: LIMITS }), keepingLog());
      const accepted: string[] = [];
      const serve = async (transactions: readonly Wanted[], client: number) => {
        for (const [index, wanted] of transactions.entries()) {
          const session = await pool.acquire(CLIENT);
          t.ok(pool.usage.open <= limit, 'no more connections than the limit');
          const name = `c${client}t${index}`;
          try {
            const done = await transact(session, name, wanted);
            if (done !== null) accepted.push(done);
          } catch (error) {
            // Nothing is slow here: who waits in vain waits for what never comes.
            if (!(error instanceof RelayFailure) || error.reason === 'timeout') throw error;
          }
          if (wanted.ending.startsWith('abandon')) session.abandon();
          else session.release();
        }
      };
      await Promise.all(clients.map(serve));
      t.strictSame(pool.usage.open, pool.usage.idle, 'all connections came back');
      t.equal(pool.usage.waiting, 0);
      await pool.close();

      for (const message of sink.ended.slice(firstMessage)) {
        const name = message.mail.slice(1, -1);
        if (message.size === 0) continue;
        t.equal(message.wire.toString(), `Subject: ${name}\r\n\r\n`, 'the content of this transaction');
        for (const recipient of message.recipients) t.ok(recipient.path.startsWith(`<${name}-`), 'and its recipients');
      }
      const kept = sink.messages.slice(firstAccepted).filter(({ size }) => size > 0);
      const names = kept.map(({ mail }) => mail.slice(1, -1));
      t.equal(new Set(names).size, names.length, 'none twice');
      for (const name of accepted) t.ok(names.includes(name), 'what was said to be accepted is there');
    }),
    { numRuns: 200 },
  );
});
