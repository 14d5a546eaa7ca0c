import { parseParameters, readMailParameters, readRecipientParameters } from '../../../src/smtp/parameters.js';
import { toWire } from '../../../src/smtp/reply.js';
import { type FuzzTarget, must } from '../target.js';

const MAIL = new Set(['SIZE', 'BODY', 'SMTPUTF8', 'RET', 'ENVID', 'REQUIRETLS', 'AUTH'] as const);
const RECIPIENT = new Set(['NOTIFY', 'ORCPT'] as const);

/** What follows the path in MAIL and RCPT. */
export const parameters: FuzzTarget = {
  name: 'parameters',
  seeds: [
    'SIZE=1000 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=a+2Bb AUTH=<>',
    'NOTIFY=SUCCESS,DELAY ORCPT=rfc822;a+40b',
    'ORCPT=utf-8;gr\xc3\xbc\xc3\x9fe@example.com NOTIFY=NEVER REQUIRETLS',
  ],
  words: ['=', ' ', '+', ';', ',', '+0D+0A', 'SIZE=', 'AUTH=', 'ENVID=', 'ORCPT=', 'NOTIFY=', '99999999999999999999'],
  run(input) {
    const parsed = parseParameters(input.toString('utf8'));
    if (!parsed.ok) return must(/^[ -~]+$/.test(parsed.reason), 'a reason that quotes the client');
    for (const { keyword, spelling } of parsed.parameters) {
      must(/^[A-Z0-9-]+$/.test(keyword), 'a keyword that is none');
      must(!/[\p{Cc} ]/u.test(spelling), 'a parameter that is more than a word');
    }
    for (const read of [
      readMailParameters(parsed.parameters, MAIL),
      readRecipientParameters(parsed.parameters, RECIPIENT),
    ]) {
      if (!read.ok) must(/^5\d\d 5\.5\.4 [ -~]+\r\n$/.test(toWire(read.reply)), 'a reply that is none');
    }
  },
};
