import { parseAddress, parseForwardPath, parseReversePath } from '../../../src/smtp/path.js';
import { type FuzzTarget, must } from '../target.js';

/** The argument of MAIL FROM: and RCPT TO:. */
export const path: FuzzTarget = {
  name: 'path',
  seeds: [
    '<a@example.com> SIZE=10',
    '<"a b\\"c"@[IPv6:2001:db8::1]>',
    '<@x,@y:a@b.example>',
    '<>',
    '<Postmaster>',
    'a+tag@xn--bcher-kva.example',
    '<gr\xc3\xbc\xc3\x9fe@b\xc3\xbccher.example> SMTPUTF8',
  ],
  words: [
    '@',
    '<',
    '>',
    '"',
    '\\',
    '[',
    ']',
    'IPv6:',
    '::',
    '%',
    '.',
    ',',
    ':',
    ' ',
    'xn--',
    '\xe3\x80\x82',
    '\xc2\x85',
  ],
  run(input) {
    const text = input.toString('utf8');
    for (const parse of [parseReversePath, parseForwardPath]) {
      const result = parse(text);
      if (!result.ok) {
        must(/^[ -~]+$/.test(result.reason), 'a reason that quotes the client');
        continue;
      }
      const { spelling, address, needsUtf8 } = result.path;
      must(/^<\P{Cc}*>$/u.test(spelling), 'a spelling that is no path');
      must(text.includes(spelling.slice(1, -1)), "a spelling that is not the client's");
      // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
      must(needsUtf8 !== /^[\x00-\x7f]*$/.test(spelling), 'needsUtf8');
      if (address === null) continue;
      const again = address.domain === '' ? null : parseAddress(address.key);
      must(
        again === null ? address.domain === '' : again.key === address.key,
        `the key ${address.key} has another key`,
      );
    }
  },
};
