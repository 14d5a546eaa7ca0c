import t from 'tap';
import { parseConfig } from '../../src/config/load.js';
import { notesOn } from '../../src/config/notes.js';

function notes(yaml: string): readonly string[] {
  const loaded = parseConfig('sluice.yaml', yaml, { env: {}, directory: '.' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.errors));
  return notesOn(loaded.config);
}

const POLICYD = 'policyd: {listen: [{name: a, address: "127.0.0.1:1"}]}\n';
const OFF = 'volume.connections: {mode: off}, account.auth-guessing: {mode: off}';

t.test('rules that a policy server cannot judge are named', async (t) => {
  t.strictSame(notes(''), []);
  t.match(notes(POLICYD), [
    /^no SMTP listener/,
    /^policyd\.listen: account\.auth-guessing, volume\.connections cannot/,
  ]);
  t.match(notes(`${POLICYD}rules: {${OFF}}`), { length: 1 });
  t.match(notes(`${POLICYD}mode: off`), { length: 1 });
  t.match(notes(`${POLICYD}rules: {${OFF}}\nplans: {a: {rules: {volume.connections: {mode: observe}}}}`), [
    /^no SMTP/,
    /^policyd\.listen: volume\.connections cannot/,
  ]);
  t.match(notes(`${POLICYD}rules: {${OFF}}\naccounts: {list: {a: {rules: {volume.connections: {mode: enforce}}}}}`), [
    /^no SMTP/,
    /^policyd\.listen: volume\.connections cannot/,
  ]);
  t.match(notes(`${POLICYD}rules: {${OFF}, message.subject: {mode: observe}}`), [
    /^no SMTP/,
    /^policyd\.listen: message\.subject cannot/,
  ]);
  const charge = POLICYD.replace('listen:', 'charge: recipient, listen:');
  t.match(notes(`${charge}rules: {${OFF}}`), [
    /^no SMTP/,
    /^policyd\.listen: storage\.self-mail,.* cannot/,
    /^policyd\.charge: recipient: volume\.bytes counts what clients declare/,
  ]);
});

t.test('who is to be told without anybody who tells is named', async (t) => {
  const accounts = 'accounts: {list: {acme: {notices: {mail: [a@acme.example]}}}}\n';
  t.match(notes(`listen: [{name: a, address: "127.0.0.1:0"}]\n${accounts}`), [/^accounts or plans say who is told/]);
  t.strictSame(notes(`listen: [{name: a, address: "127.0.0.1:0"}]\n${accounts}notices: {from: a@example.net}\n`), []);
});
