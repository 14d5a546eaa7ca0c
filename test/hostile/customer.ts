/**
 * A well-behaved customer in a process of its own, so that its times are the
 * server's and not those of the attackers beside it. Told how many mails to
 * send, it answers with how long each took, ms.
 */

import { openSession, sendMail } from '../support/mail.js';

export interface Errand {
  readonly port: number;
  readonly mails: number;
}

process.on('message', async ({ port, mails }: Errand) => {
  try {
    const client = await openSession(port);
    const times: number[] = [];
    for (let i = 0; i < mails; i += 1) {
      const begun = performance.now();
      const { end } = await sendMail(client, { to: [`b${i % 20}@example.net`] });
      times.push(performance.now() - begun);
      if (end?.code !== 250) throw new Error(`heard ${end?.code} ${end?.text}`);
    }
    await client.close();
    process.send?.({ times });
  } catch (error) {
    process.send?.({ failure: String(error) });
  }
});
process.on('disconnect', () => process.exit());
