/** A customer asks why: the decision says it; and mail that nobody sends is judged as if it were, on a store that others use. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const redis = await startRedis(t);
const sink = await startRelaySink(t);
for (const store of ['redis', 'embedded'] as const) {
  t.test(store, async (t) => {
    const sluice = await startSluice(t, {
      config: {
        relay: { hosts: [`127.0.0.1:${sink.port}`] },
        store: store === 'redis' ? { redis: { url: redis.url }, callTimeout: '5s' } : { callTimeout: '5s' },
        accounts: { unknown: 'acme', list: { acme: { senders: ['acme.example'] } } },
        rules: { 'volume.recipients': { limits: ['3/1h'] }, 'volume.messages': { mode: 'observe', limits: ['1/1h'] } },
      },
    });
    const explain = async (...args: string[]) => {
      const { code, stdout, stderr } = await sluice.cli('explain', '--json', ...args);
      return { code, stderr, told: stdout === '' ? null : JSON.parse(stdout) };
    };
    await sluice.cli('suppress', 'add', 'bob@example.net', '--reason', 'complained');
    const client = await openSession(sluice.port());
    const from = 'news@acme.example';
    const { recipients, end } = await sendMail(client, { from, to: ['bob@example.net', 'carl@example.net'] });
    t.equal(end?.code, 250);
    const ref = /ref=(\S+)/.exec(recipients[0]?.text ?? '')?.[1] ?? '';

    await t.test('by the reference of the reply', async (t) => {
      const { code, told } = await until('it is written', async () => {
        const asked = await explain(ref);
        return asked.told === null ? null : asked;
      });
      t.equal(code, 1, 'a recipient was rejected');
      t.match(told, { id: ref, account: 'acme', verdict: 'reject', ending: 'accepted', changed: [], unanswered: [] });
      const ofBob = told.stages.find((stage: { recipient: string }) => stage.recipient === 'bob@example.net');
      t.match(ofBob.rules, [
        { rule: 'recipient.suppressed', judged: 'reject', saw: { suppression: { reason: 'complained' } } },
      ]);
      t.match(ofBob.heard, recipients[0]?.text.replace(/^.*?\[/, '[').slice(0, 30));
      const text = await sluice.cli('explain', ref);
      t.match(text.stdout, /reject {2}recipient\.suppressed .*complained, since/);
      t.match(text.stdout, /Verdict: reject, accepted, queue id /);
      t.notMatch(text.stdout, '\x1b', 'no colours in a pipe');
    });

    await t.test('mail that nobody sends, as it would fare now', async (t) => {
      const mail = join(sluice.directory, 'mail.eml');
      await writeFile(mail, 'Subject: hi\n\nhello\n');
      const to = ['dora@example.net', 'erik@example.net', 'fred@example.net'];
      const asked = await explain(mail, '--from', from, '--to', ...to);
      t.equal(asked.code, 7, 'deferred: the third has no room');
      t.strictSame(
        asked.told.recipients.map(({ verdict }: { verdict: string }) => verdict),
        ['pass', 'pass', 'defer'],
      );
      t.equal(asked.told.size, 'Subject: hi\r\n\r\nhello\r\n'.length, 'as a client would send it');
      t.equal((await explain('--from', 'a@else.example', '--to', to[0] ?? '')).code, 1);
      const empty = await explain('--no-store', '--from', from, '--to', 'bob@example.net');
      t.equal(empty.code, 0, 'without the store nobody is suppressed');
      const real = await sendMail(client, { from, to });
      t.strictSame(
        real.recipients.map(({ code }) => code),
        [250, 250, 450],
        'asking has taken nothing away',
      );
      t.match(real.recipients[2]?.text, asked.told.recipients[2].reply.replace(/^450 /, '').replace(/, please.*/, ''));
    });

    await client.close();
  });
}
