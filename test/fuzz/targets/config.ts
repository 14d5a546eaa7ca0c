// biome-ignore-all lint/suspicious/noTemplateCurlyInString: they are the config's own placeholders
import { formatErrors } from '../../../src/config/config-error.js';
import { parseConfig } from '../../../src/config/load.js';
import { type FuzzTarget, must } from '../target.js';

const AROUND = { env: { A: 'a' }, directory: '/nonexistent' };

/** The config file. */
export const config: FuzzTarget = {
  name: 'config',
  seeds: [
    'listen:\n  - name: a\n    address: 127.0.0.1:25\nrelay:\n  hosts: [127.0.0.1:10025]\n',
    'rules:\n  volume.recipients: { rates: [1000/1h, 10/1m] }\nplans: { default: { mode: observe } }\n',
    'accounts:\n  identify: [{ users: { file: x } }, { address: { 192.0.2.0/24: a } }]\n  list: { a: { plan: b } }\n',
    'store: { redis: { url: "redis://${env:A}:6379/0" } }\nsmtp: { maxMessageSize: 25MiB, timeouts: { command: 1h30m } }\n',
  ],
  words: [
    ': ',
    '\n  ',
    '- ',
    '[',
    ']',
    '{',
    '}',
    '&a ',
    '*a',
    '"',
    "'",
    '|\n',
    '!!binary ',
    '<<: ',
    '${env:A}',
    '${file:',
    '${',
    '%YAML',
    '---',
    '.nan',
    '0x',
    '__proto__',
    'constructor',
    '\t',
    '\xe2\x80\xa8',
    '~',
  ],
  run(input) {
    const text = input.toString('utf8');
    const loaded = parseConfig('sluice.yaml', text, AROUND);
    if (loaded.ok) return;
    must(loaded.errors.length > 0, 'refused without a reason');
    for (const { line, column, found, expected } of loaded.errors) {
      must(line !== null && column !== null && line >= 1 && column >= 1, `an error at ${line}:${column}`);
      must(found !== '' && expected !== '', 'an error that says nothing');
    }
    const shown = formatErrors(loaded.errors);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    must(!/[\x00-\x09\x0b-\x1f\x7f]/.test(shown), 'control characters on the terminal');
    must(shown.split('\n').length === loaded.errors.length + 1, 'not one line an error');
    must(Object.getOwnPropertyNames(Object.prototype).length === 12, 'the prototype of everything was changed');
  },
};
