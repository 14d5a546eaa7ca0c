/**
 * Two machines' worth of processes with four workers each share a Redis, and forty
 * clients race for one account's limits: the relay never sees more than they say.
 */

import t from 'tap';
import { crowd } from '../../support/crowd.js';
import { type SentMail, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const LIMIT = 300;
const CLIENTS = 40;
const MAILS = 6;
const LIMIT_REACHED = '4.7.0 [volume.recipients]';

t.test('recipients in a window, never above the limit, and all of it used', async (t) => {
  const redis = await startRedis(t);
  const sink = await startRelaySink(t, {
    steps: { RCPT: ({ line }) => (/\.2@/.test(line) ? '550 5.1.1 No such user' : undefined) },
  });
  const config = {
    relay: { hosts: [`127.0.0.1:${sink.port}`], pool: { limit: 10 } },
    store: { redis: { url: redis.url }, callTimeout: '5s' },
    workers: 4,
    rules: {
      'volume.recipients': { limits: [`${LIMIT}/1h`, '100000/1d'] },
      'volume.messages': { limits: ['100000/1h'] },
      'recipient.rejections': { mode: 'off' as const },
    },
  };
  const machines = [await startSluice(t, { config }), await startSluice(t, { config })];
  const ports = machines.map((machine) => machine.port());
  // Of each mail's three recipients the relay refuses one, whose place is given back.
  const sent = await crowd(ports, CLIENTS, async (client, number) => {
    const mails: SentMail[] = [];
    for (let mail = 0; mail < MAILS; mail += 1) {
      const to = [0, 1, 2].map((place) => `c${number}m${mail}.${place}@example.net`);
      mails.push(await sendMail(client, { to }));
    }
    return mails;
  });

  const arrived = sink.messages.reduce((sum, { recipients }) => sum + recipients.length, 0);
  t.ok(arrived <= LIMIT, `${arrived} recipients at the relay, at most ${LIMIT}`);
  t.ok(arrived > LIMIT * 0.9, `${arrived}: places given back were used again`);
  const accepted = sent.flat().filter(({ end }) => end?.code === 250);
  const promised = accepted.flatMap(({ recipients }) => recipients).filter(({ code }) => code === 250);
  t.equal(promised.length, arrived, 'each 250 arrived');
  const refused = sent.flat().flatMap(({ recipients }) => recipients.filter(({ code }) => code === 450));
  t.ok(refused.length > 0, 'the limit was hit');
  // Who was promised room while there was plenty, and came when others had taken it.
  const late = sent.flat().flatMap(({ end }) => (end === null || end.code === 250 ? [] : [end]));
  const unexplained = [
    ...refused.filter(({ text }) => !text.startsWith(LIMIT_REACHED)),
    ...late.filter(({ code, text }) => code !== 451 || !text.startsWith(LIMIT_REACHED)),
  ];
  t.strictSame(unexplained, [], `${late.length} messages came too late, nobody heard anything else`);

  const usage = await machines[0]?.cli('usage', 'tester', '--json');
  t.match(usage?.stdout, new RegExp(`"used": ?${arrived}\\b`), 'and the count agrees with what arrived');
});
