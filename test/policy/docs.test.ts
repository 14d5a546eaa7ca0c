import t from 'tap';
import { CATALOGUE } from '../../src/policy/catalogue.js';
import { repliesPage, rulesPage } from '../../src/policy/docs.js';
import { parametersOf } from '../../src/policy/rule-settings.js';
import { SERVICE_REPLIES } from '../../src/smtp/service-replies.js';

t.test('every rule has a section with clause, parameters and replies', async (t) => {
  const page = rulesPage();
  for (const rule of CATALOGUE) {
    const section = page.split(`\n## ${rule.id}\n`)[1]?.split('\n## ')[0] ?? '';
    t.ok(section.includes(rule.clause.text), `${rule.id} quotes its clause`);
    for (const name of Object.keys(parametersOf(rule))) t.match(section, `| \`${name}\` |`);
    for (const [situation, { text, remedy }] of Object.entries(rule.replies)) {
      t.ok(
        section.includes(`| \`${situation}\` |`) && section.includes(text) && section.includes(remedy),
        `${rule.id} ${situation}`,
      );
    }
  }
  t.match(page, '| `limits` | list of rate | `["1000/1h", "5000/1d"]` |');
  t.match(page, '| `grace` | `pass`, `defer`, `reject` | `pass` |');
  t.match(page, '| `clientConcurrent` | integer or null | `50` |');
});

t.test('every reply is in the table', async (t) => {
  const page = repliesPage();
  for (const rule of CATALOGUE) for (const { text } of Object.values(rule.replies)) t.ok(page.includes(text));
  for (const { text, label } of Object.values(SERVICE_REPLIES)) t.ok(page.includes(text) && page.includes(label));
});

t.test('tables are whole', async (t) => {
  for (const line of `${rulesPage()}${repliesPage()}`.split('\n').filter((line) => line.startsWith('|'))) {
    t.match(line, /^\|.*\|$/);
    t.notMatch(line, /undefined|\[object/);
  }
});
