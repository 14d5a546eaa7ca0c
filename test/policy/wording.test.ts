import t from 'tap';
import { CATALOGUE } from '../../src/policy/catalogue.js';
import { stagesOf } from '../../src/policy/docs.js';
import type { ReplyTemplate, Rule } from '../../src/policy/rule.js';
import { codeAt, MAX_POLICY_URL, placeholdersOf, wordReply } from '../../src/policy/wording.js';
import { MAX_REPLY_LINE, toWire } from '../../src/smtp/reply.js';
import fc from '../support/property.js';
import { WORDS } from './facts.js';

const TEMPLATE: ReplyTemplate = {
  code: 550,
  status: '5.7.1',
  text: 'No mail to <{recipient}>, {why}',
  when: '',
  remedy: '',
};

function say(values: Record<string, string | number>, words = WORDS): string {
  return toWire(wordReply('some.rule', TEMPLATE, 'recipient', { situation: 's', values, evidence: {} }, words));
}

t.test('rule, sentence, reference, page', async (t) => {
  t.equal(
    say({ recipient: 'a@example.com', why: 3 }),
    '550 5.7.1 [some.rule] No mail to <a@example.com>, 3 ref=T1 https://policy.example/some.rule\r\n',
  );
  t.equal(
    say({ recipient: 'a', why: 'b' }, { ...WORDS, policyUrl: null }),
    '550 5.7.1 [some.rule] No mail to <a>, b ref=T1\r\n',
  );
});

t.test("texts of a language replace the rule's own", async (t) => {
  const texts = { 'some.rule': { s: 'Keine Mail an {recipient}' } };
  t.match(say({ recipient: 'a' }, { ...WORDS, texts }), /Keine Mail an a ref=T1/);
  t.match(say({ recipient: 'a' }, { ...WORDS, texts: { 'some.rule': { other: 'x' } } }), /No mail to <a>/);
});

t.test('what a client or an operator wrote ends no line and is cut', async (t) => {
  t.match(
    say({ recipient: 'x\r\n250 ok', why: 'é\u0000\u202e𝒳' }),
    'No mail to <x\\u{d}\\u{a}250 ok>, \\u{e9}\\u{0}\\u{202e}\\u{1d4b3} ref',
  );
  t.match(say({ recipient: 'x'.repeat(500), why: 'y' }), `<${'x'.repeat(117)}...>, y ref`);
  t.match(say({ recipient: '{why}', why: '{ref}' }), '<{why}>, {ref} ref', 'values are not read for placeholders');
  t.match(say({ recipient: 'a' }), '{why}', 'a value that the rule did not give');
  t.match(say({ recipient: 'a', why: '$& $1' }), ', $& $1 ref');
});

t.test('one line of ASCII, at most 500 octets, reference and page whole, whatever the values', async () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 800 });
  const url = fc.stringMatching(/^https:\/\/[a-z]{1,20}\.example\/[a-z]{0,100}(\{rule\})?$/);
  fc.assert(
    fc.property(hostile, hostile, hostile, url, (recipient, why, text, policyUrl) => {
      const words = {
        ref: 'abcdefgh.12',
        policyUrl,
        texts: { 'some.rule': { s: `${text}{recipient}{why}{recipient}{why}` } },
      };
      for (const used of [words, { ...words, texts: null }]) {
        const wire = say({ recipient, why }, used);
        const end = ` ref=abcdefgh.12 ${policyUrl.replace('{rule}', 'some.rule')}\r\n`;
        if (wire.length > 502 || !/^550 5\.7\.1 \[some\.rule\] [\x20-\x7e]*\r\n$/.test(wire) || !wire.endsWith(end)) {
          throw new Error(JSON.stringify(wire));
        }
      }
    }),
  );
});

t.test('even the longest page and reference leave a line that RFC 5321 allows', async (t) => {
  const words = {
    ref: 'r'.repeat(500),
    policyUrl: `https://x.example/${'{rule}'.repeat(100)}`.slice(0, MAX_POLICY_URL),
    texts: null,
  };
  t.ok(say({ recipient: 'a'.repeat(500), why: 'b'.repeat(500) }, words).length <= MAX_REPLY_LINE);
});

function situations(): readonly [Rule, string, ReplyTemplate][] {
  return CATALOGUE.flatMap((rule) =>
    Object.entries(rule.replies).map(([name, template]): [Rule, string, ReplyTemplate] => [rule, name, template]),
  );
}

t.test(
  'every reply of the catalogue is a sentence that fits and has a code of the right class where it is said',
  async (t) => {
    for (const [rule, situation, template] of situations()) {
      const codes = typeof template.code === 'number' ? [template.code] : Object.values(template.code);
      for (const code of codes) t.equal(String(code)[0], template.status[0], `${rule.id} ${situation}`);
      const stages =
        typeof template.code === 'number'
          ? stagesOf(rule)
          : stagesOf(rule).filter((stage) => stage in Object(template.code));
      t.ok(stages.length > 0);
      for (const stage of stages) t.ok(codeAt(template, stage) >= 400);
      t.match(template.text, /^[\x20-\x7e]{10,200}$/);
      t.notMatch(template.text, /[.!]$/, 'the reference follows, no full stop');
      t.ok(template.when.length > 10 && template.remedy.length > 10, `${rule.id} ${situation} is explained`);
      for (const name of placeholdersOf(template.text)) t.match(name, /^[a-z][A-Za-z]+$/);
    }
  },
);

t.test('rule ids are distinct and clauses are quoted', async (t) => {
  t.equal(new Set(CATALOGUE.map((rule) => rule.id)).size, CATALOGUE.length);
  for (const rule of CATALOGUE) t.ok(rule.clause.section.length > 5 && rule.clause.text.length > 20, rule.id);
});
