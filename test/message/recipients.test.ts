import t from 'tap';
import { findRecipients } from '../../src/message/visible-recipients.js';
import { address } from '../policy/facts.js';
import { inspected, type MailOptions } from './mails.js';

function sightings(options: MailOptions, recipient = 'bob@example.net') {
  return findRecipients(inspected(options), [address(recipient)])[0]?.sightings;
}

function visible(options: MailOptions, recipient = 'bob@example.net') {
  return findRecipients(inspected(options), [address(recipient)])[0]?.visible;
}

t.test('in To, however it is written', async (t) => {
  for (const [to, recipient] of [
    ['bob@example.net', 'bob@example.net'],
    ['Bob <BOB@Example.NET>', 'bob@example.net'],
    ['"Doe, Bob" <bob@example.net>, other@example.net', 'bob@example.net'],
    ['=?utf-8?B?0JHQvtCx?= <bob@example.net>', 'bob@example.net'],
    ['friends: ann@example.net, bob@example.net;', 'bob@example.net'],
    ['bob(that is (really) me)@example.net', 'bob@example.net'],
    ['ann@example.net,\r\n bob@example.net', 'bob@example.net'],
    ['"bob \\" jr"@example.net', '"bob \\" jr"@example.net'],
    ['bob@bücher.example', 'bob@xn--bcher-kva.example'],
    ['bob@xn--bcher-kva.example', 'bob@bücher.example'],
    ['büroklammer@example.net', 'BÜROKLAMMER@example.net'],
    ['<@relay.example:bob@example.net>', 'bob@example.net'],
    ['=?utf-8?q?Bob_=3Cbob=40example.net=3E?=', 'bob@example.net'],
    ['bob@[192.0.2.1]', 'bob@[192.0.2.1]'],
  ] as const)
    t.same(sightings({ header: [`To: ${to}`], text: 'Hi' }, recipient)?.[0], 'to', to);
});

t.test('not in To', async (t) => {
  t.same(sightings({ header: ['To: undisclosed-recipients:;'], text: 'Hi' }), []);
  t.same(sightings({ header: ['To: list@acme.example'], text: 'Hi' }), []);
  t.same(sightings({ header: ['To: notbob@example.net'], text: 'Hi' }), []);
  t.same(sightings({ header: ['To: "bob@example.net" <list@acme.example>'], text: 'Hi' }), ['to-name']);
  t.same(sightings({ header: ['To:', 'Cc: bob@example.net'], text: 'Hi' }), ['cc']);
  t.same(sightings({ header: ['To:', 'Bcc: bob@example.net'], text: 'Hi' }), []);
});

const TO = { header: ['To: list@acme.example'] };

t.test('in the text', async (t) => {
  for (const text of [
    'You get this as bob@example.net.',
    'You get this as <Bob@Example.net>, because',
    'mailto:bob@example.net',
    'https://acme.example/u?e=bob%40example.net',
    'email=bob@example.net&x=y',
    '"bob@example.net"',
    'このメールはbob@example.net宛に送信されています',
    'per bob@example.net...',
  ])
    t.equal(visible({ ...TO, text }), true, text);
  for (const text of ['xbob@example.net', 'bob@example.net.org', 'bob@example.ne', 'bob at example.net'])
    t.equal(visible({ ...TO, text }), false, text);
});

t.test('in HTML', async (t) => {
  for (const html of [
    '<p>bob&#64;example.net</p>',
    '<p>bob&commat;example&period;net</p>',
    '<b>bob</b>@<i>example.net</i>',
    '<a href="mailto:bob@example.net?subject=x">you</a>',
    '<a href="mailto:bob%40example.net">you</a>',
    '<p>bo\u00adb@exam<wbr>ple.net</p>',
    '<div style="font-size:0"><span style="font-size:12px">bob@example.net</span></div>',
  ])
    t.equal(visible({ ...TO, html }), true, html);
  for (const html of [
    '<p style="display:none">bob@example.net</p>',
    '<p style="DISPLAY : none !important">bob@example.net</p>',
    '<div style="visibility:hidden"><p>bob@example.net</p></div>',
    '<p hidden>bob@example.net</p>',
    '<p style="font-size:0px">bob@example.net</p>',
    '<p style="color:#fff;background:#ffffff">bob@example.net</p>',
    '<div style="max-height:0;overflow:hidden">bob@example.net</div>',
    '<style>.pre{display:none}</style><p class="pre">bob@example.net</p>',
    '<!-- bob@example.net -->',
    '<title>bob@example.net</title>',
    '<a style="display:none" href="mailto:bob@example.net">x</a>',
  ]) {
    t.equal(visible({ ...TO, html }), false, html);
    t.same(sightings({ ...TO, html }), ['hidden'], html);
  }
  t.same(sightings({ ...TO, html: '<script>bob@example.net</script><p id="bob@example.net">x</p>' }), []);
  t.same(sightings({ ...TO, html: '<a href="https://a.example/?e=bob%40example.net">x</a>' }), ['link-url']);
  t.equal(
    visible({ ...TO, html: '<p style="display:none">x<p>bob@example.net' }),
    true,
    'a paragraph ends the one before',
  );
  t.equal(
    visible({ ...TO, html: '<style>@media(max-width:9px){.m{display:none}}</style><p class=m>bob@example.net' }),
    true,
  );
});

t.test('in one alternative only', async (t) => {
  const of = (options: MailOptions) =>
    findRecipients(inspected({ ...TO, ...options }), [address('bob@example.net')])[0];
  t.match(of({ text: 'bob@example.net', html: '<p>x' }), { visible: true, everyAlternative: false });
  t.match(of({ text: 'x', html: '<p>bob@example.net' }), { visible: true, everyAlternative: false });
  t.match(of({ text: 'bob@example.net', html: '<p>bob@example.net' }), { visible: true, everyAlternative: true });
  t.match(of({ text: 'bob@example.net' }), { visible: true, everyAlternative: true });
});
