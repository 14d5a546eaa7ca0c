/** Clients that send one mail after the other, whatever they hear, and a book of what that was. */

import type { Test } from 'tap';
import type { ConfigInput } from '../../src/config/schema.js';
import { crowd } from './crowd.js';
import { type Mail, sendMail } from './mail.js';
import type { RelaySink } from './relay-sink.js';
import type { Sluice } from './sluice.js';
import type { SmtpClient } from './smtp-client.js';
import { until } from './until.js';

type ConfigRules = NonNullable<ConfigInput['rules']>;
/** What is heard of a session that was closed. */
export const CLOSED = 'closed';

/** Limits that no load reaches, however long a busy machine keeps it going. */
export const NO_LIMITS = {
  'volume.messages': { limits: ['1000000/1h'] },
  'volume.recipients': { limits: ['1000000/1h'] },
  'volume.connections': { clientRates: ['1000000/1m'] },
} as const satisfies ConfigRules;

export interface Load {
  /** Ends it; the subjects of all messages whose client heard 250. */
  stop(): Promise<readonly string[]>;
  /** Everything else that was heard, so far; `closed` of a session that was. */
  readonly refusals: { readonly text: string; readonly afterMs: number }[];
  accepted: number;
}

/** Six clients over the ports in turn, each on one session until that is closed; their subjects and recipients begin with the name. */
export function startLoad(ports: number | readonly number[], name: string): Load {
  let over = false;
  const load: Load = {
    refusals: [],
    accepted: 0,
    stop: () => {
      over = true;
      return running.then((subjects) => subjects.flat());
    },
  };
  const running = crowd([ports].flat(), 6, async (client, number) => {
    const subjects: string[] = [];
    for (let message = 0; !over; message += 1) {
      const subject = `${name} ${number} ${message}`;
      const began = performance.now();
      const to = [`${name}${number}-${message}@example.net`];
      const last = await lastReply(client, { to, data: `Subject: ${subject}\r\n\r\nx\r\n` });
      if (last.accepted) {
        subjects.push(subject);
        load.accepted += 1;
        continue;
      }
      load.refusals.push({ text: last.text, afterMs: performance.now() - began });
      if (last.text === CLOSED || last.text.startsWith('421')) break;
    }
    return subjects;
  });
  return load;
}

/** What the client heard last: of the end of data, or of the command that was refused. */
async function lastReply(
  client: SmtpClient,
  mail: Mail,
): Promise<{ readonly accepted: boolean; readonly text: string }> {
  try {
    const { mail: first, recipients, data, end } = await sendMail(client, mail);
    const last = end ?? data ?? recipients[0] ?? first;
    return { accepted: end?.code === 250, text: `${last.code} ${last.text}` };
  } catch {
    return { accepted: false, text: CLOSED };
  }
}

/** Resolves when each client has had two more messages accepted, about. */
export async function flowsOn(load: Load): Promise<void> {
  const before = load.accepted;
  await until('mail flows', async () => (load.accepted >= before + 12 ? true : null));
}

/** Every message whose client heard 250 is at the relay, and nothing is there twice. */
export function nothingTwice(t: Test, sink: Pick<RelaySink, 'messages'>, accepted: readonly string[]): void {
  const there = sink.messages.map(({ data }) => /Subject: (.*)\r/.exec(data.toString())?.[1] ?? '');
  t.equal(new Set(there).size, there.length, 'nothing is at the relay twice');
  t.strictSame(
    accepted.filter((subject) => !there.includes(subject)),
    [],
    `all ${accepted.length} accepted ones are there`,
  );
  t.equal(there.length, accepted.length, 'and no other');
}

export function nothingCrashed(t: Test, sluice: Sluice): void {
  t.notOk(
    sluice.log.some(({ msg }) => msg === 'a worker died'),
    'no worker crashed',
  );
  t.notOk(
    sluice.log.some(({ msg }) => String(msg).startsWith('a defect')),
    'no defect',
  );
}
