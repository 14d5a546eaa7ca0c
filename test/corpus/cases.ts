/** The corpus: for each rule messages that pass and messages that do not, ten or more of each. */

import type { RuleId } from '../../src/policy/rule.js';
import type { Case } from './case.js';
import { type Content, content, headerOf, SHAPES } from './compose.js';
import { HARD_CASES } from './hard-cases.js';

type Fields = Readonly<Record<string, string | null>>;
type Some = Pick<Case, 'recipients' | 'reversePath' | 'parameters' | 'world'>;

const FILL = 'Our garden chairs and tables are made of oak from our own forests, and they are back in all shops.';

/** One content in every shape. */
function shaped(
  rule: RuleId,
  verdict: Case['verdict'],
  what: string,
  body: Content,
  fields: Fields = {},
  some: Some = {},
): Case[] {
  return SHAPES.map((shape) => ({
    rule,
    verdict,
    name: `${what}, ${shape.name}`,
    message: headerOf(fields) + shape.body(body),
    ...some,
  }));
}

function one(
  rule: RuleId,
  verdict: Case['verdict'],
  name: string,
  fields: Fields,
  body = content(FILL),
  some: Some = {},
): Case {
  const [plain] = SHAPES;
  if (plain === undefined) throw new Error('no shapes');
  return { rule, verdict, name, message: headerOf(fields) + plain.body(body), ...some };
}

function htmlOnly(rule: RuleId, verdict: Case['verdict'], name: string, html: string, fields: Fields): Case {
  const [, shape] = SHAPES;
  if (shape === undefined) throw new Error('no shapes');
  return { rule, verdict, name, message: headerOf(fields) + shape.body(content('', html)) };
}

const both = (
  rule: RuleId,
  verdict: Case['verdict'],
  list: Readonly<Record<string, Fields>>,
  some: Some = {},
): Case[] => Object.entries(list).map(([name, fields]) => one(rule, verdict, name, fields, content(FILL), some));

// ---------------------------------------------------------------- recipients

const HIDDEN = { To: 'undisclosed-recipients:;' };
const recipientVisible: Case[] = [
  ...shaped(
    'message.recipient-visible',
    'pass',
    'address in the text',
    content(`${FILL}\nSent to bob@example.net.`),
    HIDDEN,
  ),
  ...both('message.recipient-visible', 'pass', {
    'in To': {},
    'in angle brackets': { To: '"Bob B." <bob@example.net>' },
    'among others': { To: 'ann@example.net, Bob <BOB@example.net>, eve@example.net' },
    'in a group': { To: 'Friends: ann@example.net, bob@example.net;' },
    'with a comment': { To: 'bob@example.net (Bob, at home)' },
    'with a quoted local part': { To: '"bob"@example.net' },
    'with an encoded name': { To: '=?utf-8?B?QsO2Yg==?= <bob@example.net>' },
    folded: { To: '\r\n ann@example.net,\r\n bob@example.net' },
  }),
  htmlOnly(
    'message.recipient-visible',
    'pass',
    'as mailto',
    `<p>${FILL}</p><a href="mailto:bob%40example.net">you</a>`,
    HIDDEN,
  ),
  ...shaped('message.recipient-visible', 'refuse', 'nowhere', content(FILL), HIDDEN),
  ...both('message.recipient-visible', 'refuse', {
    'another in To': { To: 'list@acme.example' },
    'only in Cc': { To: 'list@acme.example', Cc: 'bob@example.net' },
    'only in a name': { To: '"bob@example.net" <list@acme.example>' },
    'nobody in To': { To: null },
    'a longer address': { To: 'notbob@example.net' },
    'a longer domain': { To: 'bob@example.net.acme.example' },
  }),
];

// ---------------------------------------------------------------- leaving

const LEAVE: Readonly<Record<string, string>> = {
  English: 'To unsubscribe, click here: https://acme.example/unsubscribe?u=1',
  Spanish: 'Para darse de baja, haga clic aquí: https://acme.example/baja?u=1',
  French: 'Pour vous désabonner, cliquez ici : https://acme.example/desabonnement?u=1',
  German: 'Um den Newsletter abzubestellen, klicken Sie hier: https://acme.example/abmelden?u=1',
  Italian: 'Per annullare l’iscrizione clicca qui: https://acme.example/disiscrizione?u=1',
  Dutch: 'Om u af te melden klikt u hier: https://acme.example/afmelden?u=1',
  Reply: 'To leave this list reply with the word "Remove" in the subject line.',
};
const unsubscribe: Case[] = [
  ...shaped(
    'message.unsubscribe',
    'pass',
    'a link with words',
    content(`${FILL}\n${LEAVE.English}`, `<p>${FILL}</p><a href="https://acme.example/u?1">Unsubscribe</a>`),
  ),
  ...Object.entries(LEAVE).map(([language, text]) =>
    one('message.unsubscribe', 'pass', language, {}, content(`${FILL}\n${text}`)),
  ),
  one('message.unsubscribe', 'pass', 'one click', {
    'List-Unsubscribe': '<https://acme.example/leave?u=1>',
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  }),
  one('message.unsubscribe', 'pass', 'by mail', { 'List-Unsubscribe': '<mailto:leave@acme.example>' }),
  ...shaped('message.unsubscribe', 'refuse', 'none', content(`${FILL}\nVisit https://acme.example/shop`)),
  ...both('message.unsubscribe', 'refuse', {
    'a bare word': { 'List-Unsubscribe': 'click' },
    'without brackets': { 'List-Unsubscribe': 'see our web site' },
    empty: { 'List-Unsubscribe': '<>' },
  }),
];

const NOTICE: Readonly<Record<string, string>> = {
  hours: 'Your request to unsubscribe takes effect within 48 hours.',
  days: 'You will be removed from our list within two days.',
  once: 'Your unsubscription takes effect immediately.',
};
const revocationNotice: Case[] = [
  ...shaped('message.revocation-notice', 'pass', 'within 48 hours', content(`${FILL}\n${NOTICE.hours}`)),
  ...Object.entries(NOTICE).map(([name, text]) =>
    one('message.revocation-notice', 'pass', name, {}, content(`${FILL}\n${text}`)),
  ),
  ...shaped('message.revocation-notice', 'refuse', 'no notice', content(`${FILL}\nOrders arrive within 48 hours.`)),
  one(
    'message.revocation-notice',
    'refuse',
    'ten days',
    {},
    content(`${FILL}\nYour request to unsubscribe takes effect within 10 days.`),
  ),
  one(
    'message.revocation-notice',
    'refuse',
    'two weeks',
    {},
    content(`${FILL}\nUnsubscribe requests are processed within two weeks.`),
  ),
];

const postalAddress: Case[] = [
  ...shaped(
    'message.postal-address',
    'pass',
    'street and postcode',
    content(`${FILL}\nAcme Inc.\n123 Main Street\nSpringfield, IL 62701`),
  ),
  one(
    'message.postal-address',
    'pass',
    'a box',
    {},
    content(`${FILL}\nAcme Inc., P.O. Box 4711, Springfield, IL 62701`),
  ),
  one('message.postal-address', 'pass', 'German', {}, content(`${FILL}\nAcme GmbH, Hauptstraße 12, 10115 Berlin`)),
  ...shaped('message.postal-address', 'refuse', 'none', content(`${FILL}\nAcme Inc., call 555 0100`)),
];

// ---------------------------------------------------------------- header

const SUBJECT_PASS = [
  'Spring news',
  'Report of the year',
  'Reduced prices',
  'Free shipping',
  'Résumé',
  '春の新作',
  'Новости',
  'خبر',
  'AW 2026 collection',
  'Forward thinking',
  'reply by May',
];
const SUBJECT_REFUSE = [
  'Re: your order',
  'RE: Invoice',
  'Fwd: for you',
  'FW: look',
  'AW: Ihre Bestellung',
  'WG: Angebot',
  'Re[2]: hello',
  'SV: hej',
  'TR: facture',
  ' ',
  '=?utf-8?B?UmU6IGhlbGxv?=',
];
const subject: Case[] = [
  ...both('message.subject', 'pass', Object.fromEntries(SUBJECT_PASS.map((text) => [text, { Subject: text }]))),
  one('message.subject', 'pass', 'a real answer', { Subject: 'Re: your order', 'In-Reply-To': '<q.1@example.net>' }),
  ...both(
    'message.subject',
    'refuse',
    Object.fromEntries(SUBJECT_REFUSE.map((text) => [`"${text}"`, { Subject: text }])),
  ),
  one('message.subject', 'refuse', 'none at all', { Subject: null }),
  one('message.subject', 'refuse', 'turned around', { Subject: 'Your \u202egpj.exe' }),
];

const source: Case[] = [
  ...shaped('message.source', 'pass', 'in order', content(FILL)),
  ...both('message.source', 'pass', {
    'forwarded, with what a host found': {
      Received:
        'from out.acme.example (out.acme.example [192.0.2.7]) by mx.example.net with ESMTPS id 4Fx; Thu, 15 Oct 2026 11:59:01 +0000',
      'Authentication-Results': 'mx.example.net; dkim=pass header.d=acme.example',
    },
    'two authors and a sender': { From: 'a@acme.example, b@acme.example', Sender: 'b@acme.example' },
  }),
  ...both(
    'message.source',
    'refuse',
    {
      'no From': { From: null },
      'no Date': { Date: null },
      'no Message-ID': { 'Message-ID': null },
      'a Message-ID that is none': { 'Message-ID': 'hello' },
      'a Date that is none': { Date: 'yesterday' },
      'a Date of last year': { Date: 'Wed, 15 Oct 2025 12:00:00 +0000' },
      'a Date to come': { Date: 'Fri, 15 Oct 2027 12:00:00 +0000' },
      'two authors and no sender': { From: 'a@acme.example, b@acme.example' },
      'a From that is none': { From: 'Acme' },
      'a space before the colon': { 'Subject ': 'x' },
      'a forged result': { 'Authentication-Results': 'mx.example.net; dkim=pass' },
      'a result of ours, among real ones': {
        Received:
          'from out.acme.example (out.acme.example [192.0.2.7]) by mx.example.net with ESMTPS id 4Fx; Thu, 15 Oct 2026 11:59:01 +0000',
        'Authentication-Results': 'relay.provider.example; dkim=pass',
      },
      'a Received that no host writes': { Received: 'by magic' },
      'a return path': { 'Return-Path': '<a@acme.example>' },
    },
    { parameters: { ownHosts: ['relay.provider.example'] } },
  ),
  {
    ...one('message.source', 'refuse', 'From twice', {}),
    message: `From: ceo@bank.example\r\n${one('message.source', 'refuse', '', {}).message}`,
  },
];

const MINE = {
  fields: ['From', 'Sender'],
  displayName: 'reject',
  brands: [{ name: 'PayPal', domains: ['paypal.example'] }],
};
const sender: Case[] = [
  ...both(
    'account.sender',
    'pass',
    {
      own: {},
      'own, no name': { From: 'news@acme.example' },
      'a subdomain': { From: 'a@mail.acme.example' },
      'an own address as name': { From: '"news@acme.example" <news@acme.example>' },
      'a sender of its own': { Sender: 'robot@acme.example' },
      'answers elsewhere': { 'Reply-To': 'helpdesk@tickets.example' },
      'encoded name': { From: '=?utf-8?Q?Caf=C3=A9_Acme?= <news@acme.example>' },
      'a name like a handle': { From: '"@acme" <news@acme.example>' },
      'two of its own': { From: 'a@acme.example, b@acme.example', Sender: 'a@acme.example' },
      'a pal': { From: '"Pay day, pals" <news@acme.example>' },
    },
    { parameters: MINE },
  ),
  ...both(
    'account.sender',
    'refuse',
    {
      'a stranger': { From: 'ceo@bank.example' },
      'a stranger sends': { Sender: 'ceo@bank.example' },
      'a stranger among own': { From: 'news@acme.example, ceo@bank.example', Sender: 'news@acme.example' },
      'a domain that ends alike': { From: 'a@notacme.example' },
      'a domain that begins alike': { From: 'a@acme.example.org' },
      'a name that is an address': { From: '"ceo@bank.example" <news@acme.example>' },
      'a brand': { From: 'PayPal <news@acme.example>' },
      'a brand in Cyrillic': { From: '=?utf-8?B?0KDQsNGD0KDQsGw=?= <news@acme.example>' },
      'a brand in pieces': { From: '"Pay-Pal Service" <news@acme.example>' },
      'an encoded address': { From: '=?utf-8?Q?ceo=40bank.example?= <news@acme.example>' },
      'no address': { From: 'nobody' },
    },
    { parameters: MINE },
  ),
];

// ---------------------------------------------------------------- what others know

const REGISTERED = {
  privacyPolicy: 'https://acme.example/p',
  complaintAddress: 'abuse@acme.example',
  postalAddress: '123 Main Street',
};
const registration: Case[] = [
  ...shaped(
    'domain.registration',
    'pass',
    'registered',
    content(FILL),
    {},
    { world: { registered: { 'acme.example': REGISTERED } } },
  ),
  one('domain.registration', 'pass', 'below a registered one', { From: 'a@news.acme.example' }, content(FILL), {
    world: { registered: { 'acme.example': REGISTERED } },
  }),
  ...shaped(
    'domain.registration',
    'refuse',
    'another domain',
    content(FILL),
    {},
    { world: { registered: { 'other.example': REGISTERED } } },
  ),
  one('domain.registration', 'refuse', 'no privacy policy', {}, content(FILL), {
    world: { registered: { 'acme.example': { ...REGISTERED, privacyPolicy: undefined as unknown as string } } },
  }),
];
const consent: Case[] = [
  ...shaped('recipient.consent', 'pass', 'consented', content(FILL), {}, { world: { consented: ['bob@example.net'] } }),
  ...shaped(
    'recipient.consent',
    'refuse',
    'not consented',
    content(FILL),
    {},
    { world: { consented: ['ann@example.net'] } },
  ),
];
const approval: Case[] = [
  ...shaped(
    'bulk.approval',
    'pass',
    'approved',
    content(FILL),
    {},
    { world: { campaign: { state: 'approved', recipients: 1 } } },
  ),
  ...shaped(
    'bulk.approval',
    'refuse',
    'seen',
    content(FILL),
    {},
    { world: { campaign: { state: 'seen', recipients: 1 } } },
  ),
  one('bulk.approval', 'refuse', 'refused', {}, content(FILL), {
    world: { campaign: { state: 'refused', recipients: 1 } },
  }),
];
const NOT_DECLARED = { 'List-Id': null };
const declaration: Case[] = [
  ...shaped('bulk.declaration', 'pass', 'to few', content(FILL), NOT_DECLARED, {
    world: { campaign: { state: 'seen', recipients: 100 } },
  }),
  ...shaped(
    'bulk.declaration',
    'pass',
    'declared',
    content(FILL),
    {},
    { world: { campaign: { state: 'seen', recipients: 5_000 } } },
  ),
  ...shaped('bulk.declaration', 'refuse', 'to many', content(FILL), NOT_DECLARED, {
    world: { campaign: { state: 'seen', recipients: 101 } },
  }),
];
const flood: Case[] = [
  ...shaped('flood.campaign', 'pass', 'to few', content(FILL), NOT_DECLARED, {
    world: { campaign: { state: 'seen', recipients: 10_000 } },
  }),
  ...shaped('flood.campaign', 'refuse', 'to very many', content(FILL), NOT_DECLARED, {
    world: { campaign: { state: 'seen', recipients: 10_001 } },
  }),
];
const LISTS = { zones: [{ zone: 'list.example' }], addresses: ['192.0.2.1'] };
const blocklist: Case[] = [
  ...shaped('reputation.blocklist', 'pass', 'not listed', content(FILL), {}, { parameters: LISTS }),
  ...shaped(
    'reputation.blocklist',
    'refuse',
    'listed',
    content(FILL),
    {},
    { parameters: LISTS, world: { listed: ['192.0.2.1'] } },
  ),
];
const patterns: Case[] = [
  ...shaped('message.content', 'pass', 'nothing', content(`${FILL}\nJoin our mailing list.`)),
  ...shaped('message.content', 'refuse', 'lists for sale', content(`${FILL}\nWe sell fresh email lists, verified.`)),
];
const ONE_CLICK = {
  'List-Unsubscribe': '<https://acme.example/leave?u=1>',
  'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
};
const GMAIL = { recipients: ['bob@gmail.com'] };
const leaving = content(
  `${FILL}\n${LEAVE.English}`,
  `<p>${FILL}</p><a href="https://acme.example/u?1">Unsubscribe</a>`,
);
const providers: Case[] = [
  ...shaped('provider.requirements', 'pass', 'one click and a link', leaving, ONE_CLICK, GMAIL),
  one('provider.requirements', 'pass', 'no such provider', {}),
  ...shaped('provider.requirements', 'refuse', 'no one click', leaving, {}, GMAIL),
  one(
    'provider.requirements',
    'refuse',
    'one click by http',
    { ...ONE_CLICK, 'List-Unsubscribe': '<http://acme.example/leave>' },
    leaving,
    GMAIL,
  ),
  one(
    'provider.requirements',
    'refuse',
    'one click by mail',
    { ...ONE_CLICK, 'List-Unsubscribe': '<mailto:leave@acme.example>' },
    leaving,
    GMAIL,
  ),
];

export const CASES: readonly Case[] = [
  ...recipientVisible,
  ...unsubscribe,
  ...revocationNotice,
  ...postalAddress,
  ...subject,
  ...source,
  ...sender,
  ...registration,
  ...consent,
  ...approval,
  ...declaration,
  ...flood,
  ...blocklist,
  ...patterns,
  ...providers,
  ...HARD_CASES,
];
