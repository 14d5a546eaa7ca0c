/** What the relay did not take is not counted: usage is what arrived, whatever was tried. */

import t from 'tap';
import { crowd } from '../../support/crowd.js';
import { sendMail } from '../../support/mail.js';
import { type RelaySink, startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

interface Window {
  readonly resource: string;
  readonly used: number;
}

const sink = await startRelaySink(t);
const relay = { hosts: [`127.0.0.1:${sink.port}`] };
const immediate = await startSluice(t, { config: { relay, workers: 2, accounts: { unknown: 'immediate' } } });
const deferred = await startSluice(t, {
  config: { relay: { ...relay, envelope: 'deferred' }, accounts: { unknown: 'deferred' } },
});

/** The used amounts, once what is given back in the background has come home. */
async function usageBecomes(sluice: Sluice, account: string, expected: Readonly<Record<string, number>>) {
  let seen: readonly Window[] = [];
  await until(`usage is ${JSON.stringify(expected)}`, async () => {
    const { stdout } = await sluice.cli('usage', account, '--json');
    seen = (JSON.parse(stdout) as { windows: Window[] }).windows;
    return seen.every(({ resource, used }) => used === (expected[resource] ?? 0)) ? true : null;
  }).catch((error: unknown) => t.fail(`${error}; it is ${JSON.stringify(seen)}`));
  t.pass(`usage of ${account} is what arrived`);
}

function arrived({ messages }: RelaySink, from: number): Readonly<Record<string, number>> {
  const since = messages.slice(from);
  const prefix = (data: Buffer): number => data.indexOf('Subject:');
  return {
    messages: since.length,
    recipients: since.reduce((sum, message) => sum + message.recipients.length, 0),
    bytes: since.reduce((sum, { data }) => sum + data.length - prefix(data), 0),
  };
}

for (const [account, sluice] of [
  ['immediate', immediate],
  ['deferred', deferred],
] as const) {
  t.test(`a relay of many moods, envelope ${account}`, async (t) => {
    const before = sink.messages.length;
    sink.script = {
      steps: {
        MAIL: ({ line }) => (line.includes('mailrefused') ? '451 4.3.2 Not now' : undefined),
        RCPT: ({ line }) => {
          if (line.includes('nobody')) return '550 5.1.1 No such user';
          return line.includes('later') ? '450 4.2.0 Greylisted' : undefined;
        },
        DATA: ({ sessionId }) => (sessionId % 7 === 3 ? '451 4.3.0 No data today' : undefined),
        END: (() => {
          let ends = 0;
          const replies = [undefined, '554 5.7.1 Virus', undefined, '452 4.3.1 Full'];
          return () => replies[ends++ % replies.length];
        })(),
      },
    };
    const codes = await crowd([sluice.port()], 8, async (client, number) => {
      const ends: (number | undefined)[] = [];
      for (let message = 0; message < 6; message += 1) {
        const from = (number + message) % 5 === 0 ? 'mailrefused@example.com' : 'a@example.com';
        const to = ['nobody', 'later', 'good', 'fine'].slice(message % 3).map((who) => `${who}${number}@example.net`);
        const data = `Subject: ${number} ${message}\r\n\r\n${'.. some lines\r\n'.repeat(1 + message)}`;
        const sent = await sendMail(client, { from, to, data });
        ends.push((sent.end ?? sent.data ?? sent.mail).code);
        if (sent.end?.code !== 250) await client.command('RSET');
      }
      return ends;
    });
    const expected = arrived(sink, before);
    t.equal(codes.flat().filter((code) => code === 250).length, expected.messages, 'every 250 is a message there');
    if (account === 'immediate') {
      t.ok((expected.messages ?? 0) > 3, `${expected.messages} of 48 arrived`);
      t.ok(codes.flat().includes(554) && codes.flat().includes(452) && codes.flat().includes(451), 'others did not');
    }
    await usageBecomes(sluice, account, expected);
  });
}
