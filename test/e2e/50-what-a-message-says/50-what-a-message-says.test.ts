/** Rules over what a message says, through the running program: what the client hears, and what the relay never sees. */

import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const sink = await startRelaySink(t);
const on = { mode: 'enforce' } as const;
const rules = {
  'account.sender': { fields: ['From' as const], displayName: 'reject' as const },
  'message.recipient-visible': on,
  'message.unsubscribe': on,
  'message.subject': on,
  'message.source': on,
};
const accounts = { unknown: 'acme', list: { acme: { senders: ['acme.example'] } } };
const relay = { hosts: [`127.0.0.1:${sink.port}`] };
const sluice = await startSluice(t, { config: { relay, accounts, rules } });
const observing = await startSluice(t, { config: { mode: 'observe', relay, accounts, rules } });

const GOOD: Readonly<Record<string, string>> = {
  From: 'Acme News <news@acme.example>',
  To: 'bob@example.net',
  Subject: 'Spring news',
  Date: new Date().toUTCString().replace('GMT', '+0000'),
  'Message-ID': '<spring.1@acme.example>',
  'List-Unsubscribe': '<https://acme.example/leave?u=1>',
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
};

function message(over: Readonly<Record<string, string | null>> = {}, body = 'Dear Bob, the news.\r\n.\r\n'): string {
  const fields = Object.entries({ ...GOOD, ...over }).filter(([, value]) => value !== null);
  const stuffed = body.replace(/(^|\r\n)\./g, '$1..');
  return `${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${stuffed}`;
}

async function heard(port: number, data: string, to = ['bob@example.net']): Promise<string> {
  const client = await openSession(port);
  const { end } = await sendMail(client, { from: 'bounce@acme.example', to, data });
  await client.close();
  return `${end?.code} ${end?.text}`;
}

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    'a stranger in From',
    message({ From: 'ceo@bank.example' }),
    /^554 5\.7\.1 \[account\.sender\] .*<ceo@bank\.example> in From/,
  ],
  [
    'a name that poses',
    message({ From: '"ceo@bank.example" <news@acme.example>' }),
    /^554 5\.7\.1 \[account\.sender\]/,
  ],
  [
    'a hidden recipient',
    message({ To: 'list@acme.example' }),
    /^554 5\.7\.1 \[message\.recipient-visible\] .*<bob@example\.net>/,
  ],
  [
    'no way to leave',
    message({ 'List-Unsubscribe': null, 'List-Unsubscribe-Post': null, 'List-Id': '<news.acme.example>' }),
    /^554 5\.7\.1 \[message\.unsubscribe\] .*no way/,
  ],
  ['an answer to nothing', message({ Subject: 'Re: your order' }), /^554 5\.7\.1 \[message\.subject\] .*"Re"/],
  ['no Message-ID', message({ 'Message-ID': null }), /^554 5\.6\.0 \[message\.source\] .*Message-ID/],
];

t.test('a good message passes, octet by octet', async (t) => {
  t.match(await heard(sluice.port(), message()), /^250 /);
  t.match(await heard(sluice.port(), message(), ['bob@example.net']), /^250 /);
  const last = sink.messages.at(-1)?.data.toString('latin1') ?? '';
  t.ok(last.endsWith('Dear Bob, the news.\r\n.\r\n') || last.endsWith('Dear Bob, the news.\r\n..\r\n'), 'dots and all');
});

t.test('the client hears which rule, and what to repair', async (t) => {
  const before = sink.messages.length;
  for (const [what, data, reply] of REFUSED) t.match(await heard(sluice.port(), data), reply, what);
  t.equal(sink.messages.length, before, 'the relay saw none of them');
});

t.test('a message longer than the window is judged, too, before it counts', async (t) => {
  const before = sink.messages.length;
  const long = message({ To: 'list@acme.example' }, 'All work and no play makes Jack a dull boy.\r\n'.repeat(12_000));
  t.match(await heard(sluice.port(), long), /^554 5\.7\.1 \[message\.recipient-visible\]/);
  t.equal(sink.messages.length, before);
  const shown = message(
    { To: 'list@acme.example' },
    `${'All work and no play.\r\n'.repeat(20_000)}For bob@example.net.\r\n`,
  );
  t.match(await heard(sluice.port(), shown), /^250 /, 'the address stands at its end');
});

t.test('observed, all of it passes and is written down', async (t) => {
  for (const [what, data] of REFUSED) t.match(await heard(observing.port(), data), /^250 /, what);
  const decisions = await until('all are written', async () => {
    const { stdout } = await observing.cli('decisions', '--json', '--account', 'acme');
    const lines = stdout.trim().split('\n');
    return lines.length === REFUSED.length ? lines.map((line) => JSON.parse(line)) : null;
  });
  const rules = decisions.flatMap(({ objections }) => objections.map(({ rule }: { rule: string }) => rule));
  t.same([...new Set(rules)].sort(), Object.keys(sluiceRules()).sort());
  const hidden = decisions
    .flatMap(({ objections }) => objections)
    .find(({ rule }) => rule === 'message.recipient-visible');
  t.match(hidden, { mode: 'observe', verdict: 'reject', evidence: { missing: ['bob@example.net'], of: 1 } });
});

function sluiceRules() {
  return rules;
}
