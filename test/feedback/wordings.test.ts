/** Each wording with a text of its kind, and the cases where words and codes contradict each other. */

import t from 'tap';
import { classify, WORDINGS, wordingOf } from '../../src/feedback/fault/classify.js';
import { FAULT_OF, type FaultClass } from '../../src/feedback/outcome.js';

t.test('the example of each wording is decided by that wording', async (t) => {
  for (const wording of WORDINGS) t.equal(wordingOf(wording.example), wording, wording.example);
});

t.test('words outweigh codes', async (t) => {
  const cases: readonly (readonly [string, string | null, FaultClass])[] = [
    ['550 5.1.1 rejected, your IP is on our block list', '5.1.1', 'reputation'],
    ['550 5.7.1 user unknown', '5.7.1', 'unknown'],
    ['550 5.1.1 refused by zen.spamhaus.org', '5.1.1', 'reputation'],
    ['550 5.7.1 messages from [192.0.2.7] were not sent (S3150)', '5.7.1', 'reputation'],
    ['550 5.4.1 Recipient address rejected: Access denied. AS(201806281)', '5.4.1', 'unknown'],
    ['host mx.example.net[192.0.2.1] said: 550 no such user', null, 'unknown'],
    ['host blocklist.example.net[192.0.2.1] said: 550 no such user', null, 'unknown'],
    ['connect to mx.example.net[192.0.2.1]:25: Connection refused', '4.4.1', 'expired'],
    ['550 <spam@unknown-user.example>: rejected', '5.0.0', 'undetermined'],
    ['550 Recipient address rejected: example.net', '5.1.1', 'unknown'],
    ['', '5.2.2', 'full'],
    ['', '5.0.0', 'undetermined'],
    ['something went wrong', null, 'undetermined'],
    ['552 5.3.4 message size exceeds the limit of this mailbox', '5.3.4', 'content'],
    ['550 5.7.0 Please use the mail server of your ISP', '5.7.0', 'reputation'],
    ['554 The daily relay quota is reached', null, 'reputation'],
    ['550 no more than 2 unverifiable sending IPs', null, 'reputation'],
    ['554 5.7.0 Header error', '5.7.0', 'content'],
    ['550 5.1.1 RCP-P2 refused because of the recipient’s preferences', '5.1.1', 'policy'],
    ['the domain doesn’t receive email, it has a Null MX', '4.0.0', 'domain-gone'],
    ['the server did not accept our requests to connect', null, 'expired'],
    ['450 4.7.1 Access denied. IP name lookup failed [192.0.2.7]', '4.4.7', 'reputation'],
    ['554 IP=192.0.2.7 - A problem occurred. (Ask your postmaster.) (BL)', '5.5.0', 'reputation'],
    ['554 mx.example.net 192.0.2.7 block for spam, see the page of our postmaster', null, 'reputation'],
    ['554 not delivered, since the domain is not reachable', '5.5.0', 'domain-gone'],
    ['宛名はディレクトリのリストにありません', null, 'unknown'],
    ['bob@example.net: Envelope expired', null, 'expired'],
    ["550 'bob@example.net' is not a registered customer user", '5.0.0', 'unknown'],
    ['Remote host said: 550 user unknown Giving up on 192.0.2.1.', null, 'unknown'],
  ];
  for (const [text, status, fault] of cases) t.equal(classify(text, status, 'failed'), fault, text);
});

t.test('a failure of the way is the recipient’s only when the queue has given up', async (t) => {
  t.equal(classify('451 4.4.1 connection timed out', '4.4.1', 'delayed'), 'network');
  t.equal(classify('451 4.4.1 connection timed out', '4.4.1', 'failed'), 'expired');
  t.equal(classify('not delivered for 1 day', '4.4.7', 'delayed'), 'network');
  t.equal(classify('450 4.7.1 greylisted, come back later', '4.7.1', 'failed'), 'network');
  t.equal(classify('550 5.3.0 internal error, try again later', '5.3.0', 'failed'), 'network');
});

t.test('what is refused before a recipient was named is the sender', async (t) => {
  const cases: readonly (readonly [string, FaultClass])[] = [
    ['SMTP error after MAIL FROM:<a@acme.example>: 550 no such domain acme.example', 'reputation'],
    ['SMTP error after pipelined MAIL FROM:<a@acme.example>: 550 unknown user', 'reputation'],
    ['550 no such domain (in reply to\n    MAIL FROM command)', 'reputation'],
    ['>>> MAIL FROM:<a@acme.example>\n<<< 550 unknown user', 'reputation'],
    ['>>> MAIL FROM:<a@acme.example>\n<<< 250 ok\n>>> RCPT TO:<b@dest.example>\n<<< 550 unknown user', 'unknown'],
    ['>>> MAIL FROM:<a@acme.example>\n<<< 550 no\n>>> RCPT TO:<b@dest.example>\n<<< 550 unknown user', 'unknown'],
    ['550 unknown user (in reply to RCPT TO command)', 'unknown'],
    ['host mx.dest.example refused to talk to me: 550 service refused, try again later', 'reputation'],
    ['host mx.dest.example refused to talk to me: 421 busy, try again later', 'expired'],
    ['SMTP error after initial connection: 554 refused, try later', 'reputation'],
    ['SMTP error after MAIL FROM:<a@acme.example>: 552 the message is too large', 'content'],
    ['SMTP error after MAIL FROM:<a@acme.example>: 451 busy: retry timeout exceeded', 'expired'],
  ];
  for (const [text, fault] of cases) t.equal(classify(text, null, 'failed'), fault, text);
});

t.test('what is said of us never is the recipient’s fault', async (t) => {
  const listings = WORDINGS.filter(({ class: fault }) => fault === 'reputation');
  for (const { example } of listings) {
    for (const status of ['5.1.1', '5.2.1', '5.2.2', '5.7.1', null]) {
      t.equal(FAULT_OF[classify(example, status, 'failed')], 'sender', `${status} ${example}`);
    }
  }
});
