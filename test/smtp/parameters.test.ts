import t from 'tap';
import {
  type MailKeyword,
  parseParameters,
  type RecipientKeyword,
  readMailParameters,
  readRecipientParameters,
} from '../../src/smtp/parameters.js';
import { toText } from '../../src/smtp/reply.js';
import fc from '../support/property.js';

const MAIL = new Set<MailKeyword>(['SIZE', 'BODY', 'SMTPUTF8', 'RET', 'ENVID', 'REQUIRETLS', 'AUTH']);
const RCPT = new Set<RecipientKeyword>(['NOTIFY', 'ORCPT']);

function parameters(rest: string) {
  const result = parseParameters(rest);
  if (!result.ok) throw new Error(result.reason);
  return result.parameters;
}

function mail(rest: string, offered: ReadonlySet<MailKeyword> = MAIL) {
  const result = readMailParameters(parameters(rest), offered);
  return result.ok ? result.values : toText(result.reply);
}

function rcpt(rest: string, offered: ReadonlySet<RecipientKeyword> = RCPT) {
  const result = readRecipientParameters(parameters(rest), offered);
  return result.ok ? result.values : toText(result.reply);
}

t.test('reads parameters and keeps their spelling', async (t) => {
  t.strictSame(parameters('size=10  BODY=8bitmime SMTPUTF8'), [
    { keyword: 'SIZE', value: '10', spelling: 'size=10' },
    { keyword: 'BODY', value: '8bitmime', spelling: 'BODY=8bitmime' },
    { keyword: 'SMTPUTF8', value: null, spelling: 'SMTPUTF8' },
  ]);
  t.strictSame(parameters(''), []);
});

t.test('refuses what is no parameter', async (t) => {
  for (const rest of [
    'SIZE=',
    '=1',
    'SI ZE=1 size=2 Size=3',
    '-X',
    'X=a\tb',
    'X=\0',
    'X=\ufffd',
    'é=1',
    `${'x'.repeat(65)}`,
  ]) {
    t.notOk(parseParameters(rest).ok, JSON.stringify(rest));
  }
  t.notOk(parseParameters(Array.from({ length: 33 }, (_, i) => `X${i}`).join(' ')).ok, 'too many');
});

t.test('MAIL', async (t) => {
  t.match(mail('SIZE=10 BODY=8BITMIME SMTPUTF8 RET=hdrs ENVID=QQ+2B314 REQUIRETLS AUTH=e+3Dmc2@example.com'), {
    size: 10,
    body: '8BITMIME',
    smtpUtf8: true,
    ret: 'HDRS',
    envid: 'QQ+314',
    requireTls: true,
    auth: 'e=mc2@example.com',
  });
  t.match(mail(''), { size: null, body: null, smtpUtf8: false, ret: null, envid: null, requireTls: false, auth: null });
  t.match(mail('AUTH=<>'), { auth: '<>' });
  t.match(mail(`SIZE=${'9'.repeat(20)}`), { size: Number.MAX_SAFE_INTEGER });
  const malformed = [
    `SIZE=${'1'.repeat(21)}`,
    'SIZE=-1',
    'SIZE=1e3',
    'SIZE',
    'BODY=9BIT',
    'BODY=BINARYMIME',
    'SMTPUTF8=yes',
    'RET=ALL',
    'ENVID=a=b',
    'ENVID=+0A',
    `ENVID=${'x'.repeat(101)}`,
    'AUTH=a+0Db',
    'AUTH=+zz',
  ];
  for (const rest of malformed) t.match(mail(rest), /^501 5\.5\.4 /, rest);
  for (const rest of ['HOLDFOR=10', 'BY=120;R', 'MT-PRIORITY=3', 'NOTIFY=NEVER'])
    t.match(mail(rest), /^555 5\.5\.4 /, rest);
  t.equal(mail('REQUIRETLS', new Set<MailKeyword>(['SIZE'])), '555 5.5.4 REQUIRETLS: unsupported parameter');
});

t.test('RCPT', async (t) => {
  t.strictSame(rcpt('NOTIFY=failure,DELAY ORCPT=RFC822;a+2Bb@example.com'), {
    notify: ['FAILURE', 'DELAY'],
    orcpt: { type: 'rfc822', address: 'a+b@example.com' },
  });
  t.strictSame(rcpt('ORCPT=utf-8;d\u00f6rte@example.com'), {
    notify: null,
    orcpt: { type: 'utf-8', address: 'd\u00f6rte@example.com' },
  });
  t.strictSame(rcpt('NOTIFY=NEVER'), { notify: ['NEVER'], orcpt: null });
  const malformed = [
    'NOTIFY=NEVER,SUCCESS',
    'NOTIFY=DELAY,DELAY',
    'NOTIFY=,',
    'ORCPT=a@b',
    'ORCPT=;a',
    'ORCPT=rfc822;',
    'ORCPT=rfc822;a=b',
    'NOTIFY',
  ];
  for (const rest of malformed) t.match(rcpt(rest), /^501 5\.5\.4 /, rest);
  t.match(rcpt('SIZE=1'), /^555 /);
});

t.test('hostile text never throws; what parses is kept to the letter', async () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom('SIZE=', 'NOTIFY=NEVER', 'ORCPT=rfc822;+', 'ENVID=+41', 'AUTH=<', '=', ';', '+', ',', 'BODY=7BIT'),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 6 }), fc.constantFrom('', ' '), (words, glue) => {
      const rest = words.join(glue);
      const result = parseParameters(rest);
      if (!result.ok) return;
      readMailParameters(result.parameters, MAIL);
      readRecipientParameters(result.parameters, RCPT);
      const again = parseParameters(result.parameters.map((parameter) => parameter.spelling).join(' '));
      if (!again.ok || JSON.stringify(again.parameters) !== JSON.stringify(result.parameters)) throw new Error(rest);
    }),
    { numRuns: 2000 },
  );
});
