import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { inProcess } from './in-process.js';
import { CONFIG } from './sluice.js';

const CONFIG_THAT_LOOKS = `${CONFIG}
rules:
  message.unsubscribe: { mode: enforce }
  message.recipient-visible: { mode: observe }
`;
const FIELDS = 'From: me@acme.example\nDate: Thu, 15 Oct 2026 12:00:00 +0000\nMessage-ID: <1@acme.example>\n';
const BULK = `${FIELDS}Subject: Offers\nTo: list@acme.example\nList-Id: <news.acme.example>\nDelivered-To: bob@example.net\n\nBuy now.\n`;
const PLAIN = `${FIELDS}Subject: hello\nTo: bob@example.net\n\nHere it is.\n\n>From there\n`;

t.test('archived mail, by what it says', async (t) => {
  const { folder, ask, run, write } = await inProcess(t, CONFIG_THAT_LOOKS);
  const bulk = await write('bulk.eml', BULK);
  const plain = await write('plain.eml', PLAIN);
  const said = {
    messages: 2,
    objectedTo: 1,
    withoutRecipients: 0,
    rules: [
      { rule: 'message.recipient-visible', verdict: 'reject', messages: 1, samples: [String] },
      { rule: 'message.unsubscribe', verdict: 'reject', messages: 1, samples: [String] },
    ],
  };
  const simulate = ['simulate', '--account', 'acme'];
  t.match(await ask([...simulate, '--eml', bulk, plain]), { code: 0, answer: said });
  const mbox = await write('archive', `From me Thu\n${BULK}\nFrom me Thu\n${PLAIN}\n`);
  const fromMbox = (await ask([...simulate, '--mbox', mbox])).answer;
  t.match(fromMbox, said);
  t.match(fromMbox, { rules: [{ samples: [`${mbox}#1`] }, {}] });
  await mkdir(join(folder, 'Maildir', 'cur'), { recursive: true });
  await mkdir(join(folder, 'Maildir', 'new'));
  await write('Maildir/cur/1:2,S', PLAIN);
  await write('Maildir/new/2', BULK);
  t.match((await ask([...simulate, '--maildir', join(folder, 'Maildir')])).answer, said);
  t.match(await run([...simulate, '--maildir', folder]), { code: 3, stderr: /is no maildir/ });
  t.match(await run([...simulate, '--mbox', plain]), { code: 3, stderr: /does not begin with a "From " line/ });
  t.match(await run(['simulate', '--eml', plain]), { code: 2, stderr: /needs --account/ });
});

t.test('archived mail, by what the store holds', async (t) => {
  const { ask, run, write, store } = await inProcess(t, CONFIG_THAT_LOOKS);
  const plain = await write('plain.eml', PLAIN);
  const simulate = ['simulate', '--account', 'acme', '--eml', plain];
  const told = { key: 'bob@example.net', account: 'acme', at: null, by: 'test', note: '', expiresAt: null } as const;
  const opened = await store();
  await opened.suppress([{ ...told, reason: 'unsubscribed' }]);
  await opened.close();
  t.match(await ask(simulate), { code: 0, answer: { judgedBy: 'nothing', objectedTo: 0 } });
  t.match(await ask([...simulate, '--store']), {
    code: 0,
    answer: { judgedBy: 'the store', objectedTo: 1, rules: [{ rule: 'recipient.suppressed', verdict: 'reject' }] },
  });
  t.match((await run(simulate)).stdout, /as if nothing were counted.*--store asks the store/);
  t.match((await run([...simulate, '--store'])).stdout, /by what the store holds now; nothing was written/);
});
