/** The relay's refusals reach the client word for word, at the command that they answer. */

import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    rules: { 'recipient.suppressed': { mode: 'enforce' } },
  },
});

t.afterEach(() => {
  sink.script = {};
});

t.test("a refusal at RCPT, all lines, in the relay's own spelling", async (t) => {
  sink.script = {
    steps: {
      RCPT: '550-5.1.1 <nobody@example.net>: Recipient address rejected\n550 5.1.1 See  https://relay.example/why?',
    },
  };
  const client = await openSession(sluice.port());
  const { recipients } = await sendMail(client, { to: ['nobody@example.net'] });
  t.strictSame(recipients[0], {
    code: 550,
    lines: ['5.1.1 <nobody@example.net>: Recipient address rejected', '5.1.1 See  https://relay.example/why?'],
    text: '5.1.1 <nobody@example.net>: Recipient address rejected\n5.1.1 See  https://relay.example/why?',
  });
  await client.close();
});

t.test('a refusal at MAIL and at DATA', async (t) => {
  const client = await openSession(sluice.port());
  sink.script = { steps: { MAIL: '452 4.3.1 Insufficient system storage' } };
  t.match((await sendMail(client, { to: ['b@example.net'] })).mail, {
    code: 452,
    text: '4.3.1 Insufficient system storage',
  });
  sink.script = { steps: { DATA: '451 4.7.1 Greylisted' } };
  const { data, end } = await sendMail(client, { to: ['b@example.net'] });
  // Sluice judges the message before the relay hears DATA, so it answers at the end of data.
  t.match(
    [data, end].findLast((reply) => reply !== null),
    { code: 451, text: '4.7.1 Greylisted' },
  );
  await client.close();
});

t.test('a refusal at the end of data', async (t) => {
  const client = await openSession(sluice.port());
  for (const said of ['554 5.7.1 Message contains a virus', '451 4.3.0 Try again later']) {
    sink.script = { steps: { END: said } };
    const { end } = await sendMail(client, { to: ['b@example.net'] });
    t.equal(`${end?.code} ${end?.text}`, said);
  }
  t.equal(sink.messages.length, 0, 'the relay is answerable for none');
  sink.script = {};
  t.match(
    (await sendMail(client, { to: ['b@example.net'] })).end,
    { code: 250, text: /queued as/ },
    'the session goes on',
  );
  await client.close();
});

t.test('twenty recipients of mixed fate', async (t) => {
  await sluice.cli('suppress', 'add', 'to4@example.net', '--reason', 'manual');
  const fate = (address: string) => {
    const number = Number(/\d+/.exec(address)?.[0]);
    if (number % 5 === 1) return '550 5.1.1 No such user';
    if (number % 5 === 2) return '450 4.2.0 Greylisted';
    return undefined;
  };
  sink.script = { steps: { RCPT: (command) => fate(command.line) } };
  const to = Array.from({ length: 20 }, (_, number) => `to${number}@example.net`);
  const before = sink.messages.length;
  const client = await openSession(sluice.port());
  const { recipients, end } = await sendMail(client, { to });

  const heard = recipients.map(({ code, text }) => `${code} ${text}`);
  for (const [number, reply] of heard.entries()) {
    if (number === 4) t.match(reply, /^550 5\.7\.1 \[recipient\.suppressed\] .* ref=/, `to${number}: our refusal`);
    else t.equal(reply, fate(to[number] ?? '') ?? '250 2.1.5 Ok', `to${number}: the relay's word`);
  }
  t.equal(end?.code, 250);
  const message = sink.messages[before];
  const accepted = to.filter((address, number) => number !== 4 && fate(address) === undefined);
  t.strictSame(
    message?.recipients.map(({ path }) => path),
    accepted.map((address) => `<${address}>`),
  );
  t.notOk(
    sink.commands.some(({ line }) => line.includes('<to4@example.net>')),
    'the relay never heard of the suppressed one',
  );
  await client.close();
});

t.test('what the relay does not offer is not announced', async (t) => {
  const poor = await startRelaySink(t, { ehlo: ['SIZE 1000'] });
  const modest = await startSluice(t, { config: { relay: { hosts: [`127.0.0.1:${poor.port}`] } } });
  const client = await openSession(modest.port());
  const { lines } = await client.command('EHLO again.example');
  t.ok(lines.includes('SIZE 1000'), lines.join(' '));
  for (const keyword of ['SMTPUTF8', 'DSN', '8BITMIME']) {
    t.notOk(
      lines.some((line) => line.startsWith(keyword)),
      `no ${keyword}`,
    );
  }
  t.match(await client.command('MAIL FROM:<a@example.com> SIZE=2000'), { code: 552, text: /^5\.3\.4/ });
  await client.close();
});
