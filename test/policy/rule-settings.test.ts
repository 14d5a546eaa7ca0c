import t from 'tap';
import { z } from 'zod';
import { CATALOGUE } from '../../src/policy/catalogue.js';
import { parametersOf, policyUrlSchema, ruleSettingsSchema, ruleTextsSchema } from '../../src/policy/rule-settings.js';

const issues = (schema: z.ZodType, value: unknown) =>
  (schema.safeParse(value).error?.issues ?? []).map(({ path, message }) => [path.join('/'), message]);

t.test('overrides fill nothing in and are written back as they came', async (t) => {
  const schema = ruleSettingsSchema();
  t.strictSame(schema.parse({}), {});
  const written = {
    'volume.messages': { limits: ['10/1m'] },
    'volume.bytes': { limits: ['25MiB/1d'], mode: 'observe' },
    'recipient.revoked': { honourWithin: '1d' },
    'volume.connections': { clientConcurrent: null },
  };
  t.strictSame(z.encode(schema, schema.parse(written)), written);
});

t.test('every error at once, each with its path', async (t) => {
  const found = issues(ruleSettingsSchema(), {
    'volume.message': {},
    'volume.messages': { limit: ['1/1h'], mode: 'on' },
    'volume.bytes': { limits: ['25MB/1d'] },
    'volume.warm-up': {
      ramp: [
        { day: 3, recipients: 1 },
        { day: 2, recipients: 1 },
      ],
    },
    'volume.recipients-per-message': { limit: 0 },
    'recipient.revoked': { honourWithin: 'soon' },
  });
  for (const path of [
    '',
    'volume.messages',
    'volume.messages/mode',
    'volume.bytes/limits/0',
    'volume.warm-up/ramp',
    'volume.recipients-per-message/limit',
    'recipient.revoked/honourWithin',
  ]) {
    t.ok(
      found.some(([at]) => at === path),
      path,
    );
  }
});

t.test('every parameter has a default and says what it is', async (t) => {
  for (const rule of CATALOGUE) {
    t.doesNotThrow(() => rule.parameters.parse({}), rule.id);
    for (const [name, schema] of Object.entries(parametersOf(rule))) {
      t.ok((schema.description ?? '').length > 20, `${rule.id} ${name}`);
      t.ok(schema.safeParse(undefined).success, `${rule.id} ${name} has a default`);
    }
  }
});

t.test('an editor gets a JSON schema with descriptions and no defaults', async (t) => {
  const json = z.toJSONSchema(ruleSettingsSchema(), { io: 'input' });
  t.match(json, {
    properties: {
      'volume.messages': {
        properties: {
          limits: { type: 'array', description: /messages of the account/, items: { type: 'string', title: 'rate' } },
        },
      },
    },
  });
  t.notMatch(JSON.stringify(json), '"default"');
});

t.test('texts: known situations and placeholders, ASCII', async (t) => {
  const schema = ruleTextsSchema();
  const good = {
    'volume.recipients': { over: 'Grenze von {limit} in {perShort} erreicht ({used}), wieder in {waitShort}' },
    'recipient.suppressed': { unsubscribed: '<{recipient}> hat sich am {since} abgemeldet' },
  };
  t.strictSame(schema.parse(good), good);
  t.match(issues(schema, { 'volume.recipients': { over: '{recipient}' } }), [
    ['volume.recipients/over', /unknown placeholder; known here: \{limit\}/],
  ]);
  t.match(issues(schema, { 'volume.recipients': { over: 'f\u00fcr' } }), [['volume.recipients/over', /ASCII/]]);
  t.match(issues(schema, { 'volume.recipients': { over: 'a\r\nb' } }), [['volume.recipients/over', /one line/]]);
  t.equal(issues(schema, { 'volume.recipients': { under: 'x' } }).length, 1);
  t.equal(issues(schema, { 'volume.recipient': {} }).length, 1);
});

t.test('policy pages', async (t) => {
  const schema = policyUrlSchema();
  for (const url of ['https://x.example/rules#{rule}', 'http://x']) t.ok(schema.safeParse(url).success, url);
  for (const url of [
    'x.example',
    'https://x.example/a b',
    'https://\u00fc.example',
    'ftp://x',
    `https://${'x'.repeat(200)}`,
  ]) {
    t.notOk(schema.safeParse(url).success, url);
  }
});
