import t from 'tap';
import { decodeDecision, encodeDecision } from '../../src/ledger/codec.js';
import { withoutTexts } from '../../src/ledger/without-texts.js';
import { createInspector } from '../../src/message/inspector.js';
import { wordsWith } from '../../src/message/words.js';
import { findingsOf } from '../../src/policy/findings-of.js';
import { address, NOW, policyWith } from '../policy/facts.js';
import { sampleDecision } from '../telemetry/sample-decision.js';

const MESSAGE = [
  'From: "Sneaky Sam" <sam@acme.example>',
  'To: bob@example.net',
  'Subject: Secret offers',
  'List-Unsubscribe: <https://acme.example/u/token123>',
  '',
  'You can unsubscribe here: https://acme.example/out/token456',
  'Your request will be honored within 72 hours.',
  'Acme Inc., 1 Main Street, Springfield, IL 62701',
  '',
].join('\r\n');

const rules = Object.fromEntries(
  [
    'message.subject',
    'message.unsubscribe',
    'message.revocation-notice',
    'message.postal-address',
    'account.sender',
  ].map((rule) => [rule, { mode: 'enforce' }]),
);

t.test('findings are kept, and what the message says is not', async (t) => {
  const inspector = createInspector('fingerprint');
  inspector.feed(Buffer.from(MESSAGE));
  const message = findingsOf({
    inspection: inspector.end(),
    recipients: [address('bob@example.net')],
    reversePath: address('sam@acme.example'),
    rules: policyWith(rules),
    words: wordsWith([]),
    now: NOW,
  });
  const whole = sampleDecision({ message });
  for (const said of ['Secret offers', 'token123', '72 hours', 'Main Street']) {
    t.match(JSON.stringify(whole), said, `${said} was found`);
    t.notMatch(JSON.stringify(withoutTexts(whole)), said, `${said} is not kept`);
  }
  const kept = decodeDecision(encodeDecision(withoutTexts(whole))).message;
  t.same(kept, JSON.parse(JSON.stringify(withoutTexts(whole).message)), 'it comes back as it was');
  t.match(kept, {
    subject: { empty: false },
    unsubscribe: { found: true },
    notice: { longer: { hours: 72 } },
    postalAddresses: [{ by: String }],
    fromDomain: 'acme.example',
  });
  const bare = sampleDecision();
  t.equal(withoutTexts(bare), bare);
});
