/** The small parts of the milter door: what is agreed on, macros, replies, octets, who the client is. */

import t from 'tap';
import { clientIdentity } from '../../../src/door/milter/client-identity.js';
import { ACTION, STEP } from '../../../src/door/milter/flags.js';
import { Macros } from '../../../src/door/milter/macros.js';
import { messageChanges } from '../../../src/door/milter/message-changes.js';
import { MessageOctets } from '../../../src/door/milter/message-octets.js';
import { agree, suffices } from '../../../src/door/milter/negotiation.js';
import { replyText } from '../../../src/door/milter/reply-text.js';
import { addHeader, changeHeader, insertHeader } from '../../../src/door/milter/response.js';
import { wantsOf } from '../../../src/door/milter/wants.js';
import { permanent, transient } from '../../../src/smtp/reply.js';
import { ALL_ACTIONS, ALL_STEPS, OLD_ACTIONS, OLD_STEPS } from '../../support/milter-client.js';
import fc from '../../support/property.js';

const NEW = { version: 6, actions: ALL_ACTIONS, steps: ALL_STEPS };
const OLD = { version: 2, actions: OLD_ACTIONS, steps: OLD_STEPS };

t.test('only the steps that rules need are asked for', async (t) => {
  const left = STEP.noHelo | STEP.noUnknown;
  t.equal(
    agree(NEW, { content: 'nothing', actions: 0 })?.steps,
    left | STEP.noHeaders | STEP.noEndOfHeader | STEP.noBody,
  );
  const header = agree(NEW, { content: 'header', actions: 0 });
  t.equal(header?.steps, left | STEP.leadingSpace | STEP.noReplyHeader | STEP.noReplyEndOfHeader | STEP.noBody);
  t.equal(header?.content, 'header');
  const whole = agree(NEW, { content: 'whole', actions: ACTION.quarantine });
  t.equal(
    whole?.steps,
    left | STEP.leadingSpace | STEP.noReplyHeader | STEP.noReplyEndOfHeader | STEP.noReplyBody,
    'the body comes, and the MTA does not wait for an answer to each piece',
  );
  t.equal(whole?.actions, ACTION.quarantine | ACTION.chooseMacros);
});

t.test('an old MTA gets what it knows', async (t) => {
  const agreed = agree(OLD, { content: 'nothing', actions: ACTION.quarantine | ACTION.addHeader });
  t.match(agreed, { version: 2, actions: ACTION.quarantine | ACTION.addHeader, content: 'nothing' });
  t.equal(agreed?.steps, STEP.noHeaders | STEP.noEndOfHeader | STEP.noBody, 'HELO comes: a certificate is told there');
  t.equal(agreed?.macroLists.size, 0);
  t.equal(agree({ ...OLD, version: 1 }, { content: 'nothing', actions: 0 }), null);
  t.equal(agree({ ...NEW, version: 99 }, { content: 'nothing', actions: 0 })?.version, 6);
  t.equal(
    agree({ ...OLD, steps: 0 }, { content: 'nothing', actions: 0 })?.content,
    'whole',
    'it cannot leave anything out',
  );
});

t.test('never more than was offered', async (t) => {
  const bits = fc.nat(0x7fffffff);
  fc.assert(
    fc.property(
      bits,
      bits,
      fc.constantFrom('nothing' as const, 'header' as const, 'whole' as const),
      (actions, steps, content) => {
        const agreed = agree({ version: 6, actions, steps }, { content, actions: ALL_ACTIONS });
        t.equal((agreed?.actions ?? 0) & ~actions, 0);
        t.equal((agreed?.steps ?? 0) & ~steps, 0);
        t.ok(agreed !== null && suffices(agreed, { content, actions: 0 }));
      },
    ),
  );
});

t.test('whoever puts fields into messages wants to see those that are there', async (t) => {
  const settings = { content: 'nothing', refusedMessages: 'reject', traceField: null, addsFields: false } as const;
  t.strictSame(wantsOf(settings), { content: 'nothing', actions: 0 });
  t.strictSame(wantsOf({ ...settings, refusedMessages: 'quarantine' }), {
    content: 'nothing',
    actions: ACTION.quarantine,
  });
  t.strictSame(wantsOf({ ...settings, addsFields: true }), { content: 'header', actions: ACTION.addHeader });
  t.strictSame(wantsOf({ ...settings, content: 'whole', traceField: 'X-Trace' }), {
    content: 'whole',
    actions: ACTION.addHeader | ACTION.changeHeader,
  });
});

t.test('a message is changed as far as the MTA agreed to', async (t) => {
  const addedFields = [
    { name: 'List-Unsubscribe', value: '<https://a.example/>' },
    { name: 'List-Unsubscribe-Post', value: 'List-Unsubscribe=One-Click' },
  ];
  const changes = (actions: number, steps: number, traceField: string | null = 'X-Trace', forged = 2) =>
    messageChanges(
      { version: 6, actions, steps, macroLists: new Map(), content: 'whole' },
      { id: 'abc.1', addedFields },
      traceField,
      forged,
    );
  t.strictSame(
    changes(ALL_ACTIONS, STEP.leadingSpace),
    [
      changeHeader(2, 'X-Trace', ''),
      changeHeader(1, 'X-Trace', ''),
      insertHeader(0, 'X-Trace', ' abc.1'),
      addHeader('List-Unsubscribe', ' <https://a.example/>'),
      addHeader('List-Unsubscribe-Post', ' List-Unsubscribe=One-Click'),
    ],
    'forged ones go first, the last of them before the others',
  );
  t.strictSame(changes(ACTION.addHeader, 0), [
    insertHeader(0, 'X-Trace', 'abc.1'),
    addHeader('List-Unsubscribe', '<https://a.example/>'),
    addHeader('List-Unsubscribe-Post', 'List-Unsubscribe=One-Click'),
  ]);
  t.equal(changes(ALL_ACTIONS, 0, null).length, 2, 'no trace, so nothing is forged');
  t.strictSame(changes(ALL_ACTIONS & ~ACTION.addHeader, 0), [], 'what cannot be replaced is not taken out either');
});

t.test('macros end with their stage', async (t) => {
  const macros = new Macros();
  macros.set('C', new Map([['daemon_name', 'smtpd']]));
  macros.set(
    'M',
    new Map([
      ['auth_authen', 'anna'],
      ['i', ''],
    ]),
  );
  macros.set('R', new Map([['i', 'FIRST']]));
  t.equal(macros.get('i'), 'FIRST');
  macros.set('E', new Map([['i', 'LAST']]));
  t.equal(macros.get('i'), 'LAST');
  t.equal(macros.get('auth_authen'), 'anna');
  macros.set('M', new Map([['i', '']]));
  t.equal(macros.get('auth_authen'), null, 'another MAIL, another client perhaps');
  t.equal(macros.get('i'), null);
  t.equal(macros.get('daemon_name'), 'smtpd');
  macros.endSession();
  t.equal(macros.get('daemon_name'), null);
});

t.test('replies as MTAs take them', async (t) => {
  t.equal(replyText(transient(450, '4.7.0', 'later')), '450 4.7.0 later');
  t.equal(replyText(permanent(550, '5.7.1', 'one', '100% two')), '550-5.7.1 one\r\n550 5.7.1 100%% two');
  const long = replyText(permanent(550, '5.7.1', 'ä'.repeat(600), ...Array.from({ length: 50 }, () => 'x')));
  const lines = long.split('\r\n');
  t.equal(lines.length, 32);
  t.ok(lines.every((line) => Buffer.byteLength(line) <= 980));
  t.match(lines[0], /ä$/);
  t.match(lines[31], /^550 5/);
  t.match(lines[30], /^550-5/);
});

const OCTETS = { feed: () => undefined };

t.test('a message is put together as it was', async (t) => {
  const parts: Buffer[] = [];
  const whole = new MessageOctets({ feed: (chunk) => void parts.push(chunk) }, true);
  whole.field(Buffer.from('Subject'), Buffer.from(' one\n two\r\n three'));
  whole.field(Buffer.from('X-Tight'), Buffer.from('value'));
  whole.endOfHeader();
  whole.body(Buffer.from('body\r\n'));
  whole.body(Buffer.from('.\r\n'));
  const text = 'Subject: one\r\n two\r\n three\r\nX-Tight:value\r\n\r\nbody\r\n.\r\n';
  t.equal(Buffer.concat(parts).toString(), text);
  t.equal(whole.size, text.length);

  const old = new MessageOctets(OCTETS, false);
  old.field(Buffer.from('Subject'), Buffer.from('one'));
  old.body(Buffer.from('x'));
  t.equal(
    old.size,
    'Subject: one\r\n\r\nx'.length,
    'an MTA that strips the space, and tells of no end of the header section',
  );
});

t.test('who the client is', async (t) => {
  const connect = { kind: 'connect', host: 'x', family: 'ipv4', port: 1, address: '192.0.2.1' } as const;
  const at = (given: Readonly<Record<string, string>>, who: Partial<Parameters<typeof clientIdentity>[0]> = {}) => {
    const macros = new Macros();
    macros.set('M', new Map(Object.entries(given)));
    return clientIdentity({ ...connect, ...who }, macros, 'milter');
  };
  t.strictSame(at({ auth_authen: 'anna', daemon_name: 'submission' }), {
    address: '192.0.2.1',
    certificate: null,
    login: null,
    mta: { login: 'anna', daemon: 'submission' },
    listener: 'milter',
  });
  t.equal(at({}, { family: 'unix', address: '/x' }).address, 'unix');
  t.equal(at({}, { family: 'unknown', address: '' }).address, 'unknown', 'nobody, not a local client');
  t.equal(at({ client_addr: '192.0.2.9' }, { family: 'unknown', address: '' }).address, '192.0.2.9');
  t.equal(at({ client_addr: 'unix' }, { family: 'unknown', address: '' }).address, 'unknown');
  t.equal(at({ cert_subject: 'robot' }).certificate?.subject, 'CN=robot', 'as Postfix tells it');
  t.equal(
    at({ cert_subject: 'robot, O=Other' }).certificate?.subject,
    'CN=robot\\, O=Other',
    'a name is no list of names',
  );
  t.equal(
    at({ cert_subject: '/C=DE/O=Acme+2C Inc/CN=mx', verify: 'OK' }).certificate?.subject,
    'C=DE, O=Acme\\, Inc, CN=mx',
    'as Sendmail does',
  );
  t.equal(at({ cert_subject: '/CN=mx', verify: 'FAIL' }).certificate, null);
  t.equal(at({ cert_subject: '/CN=mx' }).certificate, null, 'a Sendmail that does not say what it thinks of it');
});
