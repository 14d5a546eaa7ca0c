import { isIP } from 'node:net';
import { readPolicyRequest } from '../../../src/door/policyd/policy-request.js';
import { RequestReader } from '../../../src/door/policyd/request-reader.js';
import { addressOfInternalForm } from '../../../src/smtp/internal-address.js';
import { parseAddress } from '../../../src/smtp/path.js';
import { policyRequest } from '../../support/policy-client.js';
import { chunksOf, type FuzzTarget, must } from '../target.js';

/** What a policy connection sends, to the address that a rule judges. */
export const policyRequests: FuzzTarget = {
  name: 'policy-request',
  seeds: [
    policyRequest({}),
    policyRequest({ protocol_state: 'END-OF-MESSAGE', recipient_count: 2, queue_id: '4ABC', size: 1000 }),
    policyRequest({ protocol_state: 'CONNECT', instance: '', sender: '', recipient: '' }),
    policyRequest({
      sasl_method: 'PLAIN',
      sasl_username: 'anna',
      ccert_subject: 'Acme+20Inc',
      sender: 'a b@example.com',
    }),
    `${policyRequest({ protocol_state: 'VRFY' })}${policyRequest({ recipient: 'x "y@[127.0.0.1]' })}`,
    'request=smtpd_access_policy\nprotocol_state=RCPT\n\n',
  ],
  words: [
    '\n\n',
    '\n',
    '=',
    '\0',
    'instance=',
    'recipient=',
    'client_address=::1',
    'size=9',
    '+41',
    '"',
    '@',
    '\\',
    '<',
    '>',
    '\xc3\xbc',
  ],
  run(input) {
    const whole = new RequestReader().read(input);
    const reader = new RequestReader();
    const readings = chunksOf(input).map((chunk) => reader.read(chunk));
    const requests = readings.flatMap((reading) => reading.requests);
    must(requests.length === whole.requests.length, 'requests that depend on how the bytes are cut');
    must((readings.at(-1)?.malformed ?? null) === whole.malformed, 'a reason that depends on how the bytes are cut');
    must(whole.malformed === null || /^[ -~]+$/.test(whole.malformed), 'a reason that quotes the peer');
    for (const attributes of whole.requests) {
      const request = readPolicyRequest(attributes);
      if (typeof request === 'string') {
        must(/^[ -~]+$/.test(request), 'a reason that quotes the peer');
        continue;
      }
      must(request.client.address === 'unknown' || isIP(request.client.address) !== 0, 'an address that is none');
      must(request.size >= 0 && request.recipientCount >= 0, 'a number that is none');
      for (const text of [request.sender, request.recipient]) {
        const address = addressOfInternalForm(text);
        if (address === null) continue;
        must(parseAddress(`<${address.spelling}>`)?.key === address.key, 'an address that reads as another one');
        must(!/[\r\n\0]/.test(address.spelling), 'an address with a line end');
      }
    }
  },
};
