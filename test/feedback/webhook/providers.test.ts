import t from 'tap';
import { subscriptionOf } from '../../../src/feedback/webhook/amazon-ses.js';
import { PROVIDERS, READER_OF } from '../../../src/feedback/webhook/providers.js';
import { reportOf } from '../../../src/feedback/webhook/told-outcome.js';
import fc from '../../support/property.js';

const AT = Date.UTC(2026, 10, 26, 12, 0, 0);
const ISO = new Date(AT).toISOString();

const sns = (message: object) => ({ Type: 'Notification', Message: JSON.stringify(message) });
const mail = { messageId: '0102018f-abc', commonHeaders: { messageId: '<m1@acme.example>' } };
const sesBounce = (bounceType: string, bounceSubType: string, recipient: object) => ({
  notificationType: 'Bounce',
  mail,
  bounce: { bounceType, bounceSubType, timestamp: ISO, bouncedRecipients: [recipient] },
});

t.test('Amazon SES', async (t) => {
  const read = (message: object) => READER_OF.ses(sns(message));
  t.match(
    read(
      sesBounce('Permanent', 'General', {
        emailAddress: 'a@b.example',
        status: '5.1.1',
        diagnosticCode: 'smtp; 550 5.1.1 user unknown',
      }),
    ),
    [
      {
        kind: 'rejected',
        recipient: 'a@b.example',
        status: '5.1.1',
        queueIds: ['0102018f-abc'],
        messageId: '<m1@acme.example>',
        at: AT,
      },
    ],
  );
  t.match(read(sesBounce('Permanent', 'NoEmail', { emailAddress: 'a@b.example' })), [{ class: 'unknown' }]);
  t.same(read(sesBounce('Transient', 'General', { emailAddress: 'a@b.example' })), [], 'it is tried again');
  t.match(
    read({
      eventType: 'Complaint',
      mail,
      complaint: {
        timestamp: ISO,
        complaintFeedbackType: 'abuse',
        complainedRecipients: [{ emailAddress: 'a@b.example' }],
      },
    }),
    [{ kind: 'complained', diagnostic: 'abuse' }],
  );
  t.match(
    read({
      notificationType: 'Complaint',
      mail,
      complaint: { complaintFeedbackType: 'not-spam', complainedRecipients: [{ emailAddress: 'a@b.example' }] },
    }),
    [{ kind: 'not-spam' }],
  );
  t.match(
    READER_OF.ses({
      notificationType: 'Delivery',
      mail,
      delivery: { timestamp: ISO, recipients: ['a@b.example', 'c@b.example'], smtpResponse: '250 ok' },
    }),
    [{ kind: 'delivered' }, { recipient: 'c@b.example' }],
    'raw delivery, without the wrapping',
  );
  t.equal(
    subscriptionOf({ Type: 'SubscriptionConfirmation', SubscribeURL: 'https://sns.example/confirm' }),
    'https://sns.example/confirm',
  );
});

t.test('SendGrid', async (t) => {
  const event = (more: object) => ({
    email: 'a@b.example',
    timestamp: AT / 1000,
    'smtp-id': '<m1@acme.example>',
    ...more,
  });
  const told = READER_OF.sendgrid([
    event({ event: 'processed' }),
    event({ event: 'bounce', type: 'bounce', status: '5.1.1', reason: '550 5.1.1 no such user' }),
    event({ event: 'bounce', type: 'blocked', status: '5.7.1', reason: '550 5.7.1 blocked using Spamhaus' }),
    event({ event: 'deferred', response: '451 later' }),
    event({ event: 'spamreport' }),
    event({ event: 'unsubscribe' }),
    event({ event: 'delivered', response: '250 ok' }),
  ]);
  t.match(
    told.map((one) => [one.kind, one.class]),
    [
      ['rejected', null],
      ['rejected', 'reputation'],
      ['complained', null],
      ['revoked', null],
      ['delivered', null],
    ],
  );
  t.match(told[0], { recipient: 'a@b.example', messageId: '<m1@acme.example>', at: AT, status: '5.1.1' });
});

t.test('Mailgun', async (t) => {
  const read = (data: object) =>
    READER_OF.mailgun({
      signature: {},
      'event-data': {
        recipient: 'a@b.example',
        timestamp: AT / 1000,
        message: { headers: { 'message-id': 'm1@acme.example' } },
        ...data,
      },
    });
  t.match(
    read({
      event: 'failed',
      severity: 'permanent',
      reason: 'bounce',
      'delivery-status': { 'enhanced-code': '5.1.1', message: 'no such user' },
    }),
    [{ kind: 'rejected', status: '5.1.1', messageId: '<m1@acme.example>', diagnostic: 'no such user', at: AT }],
  );
  t.same(read({ event: 'failed', severity: 'temporary' }), []);
  t.same(
    read({ event: 'failed', severity: 'permanent', reason: 'suppress-bounce' }),
    [],
    'its own list says nothing new',
  );
  t.match(read({ event: 'complained' }), [{ kind: 'complained' }]);
  t.match(read({ event: 'unsubscribed' }), [{ kind: 'revoked' }]);
  t.same(read({ event: 'opened' }), []);
});

t.test('Postmark', async (t) => {
  const bounce = (Type: string) => ({
    RecordType: 'Bounce',
    Type,
    Email: 'a@b.example',
    MessageID: 'pm-1',
    Details: 'smtp;550 5.1.1 unknown user',
    BouncedAt: ISO,
  });
  t.match(READER_OF.postmark(bounce('HardBounce')), [{ kind: 'rejected', class: null, queueIds: ['pm-1'], at: AT }]);
  t.match(READER_OF.postmark(bounce('Blocked')), [{ class: 'reputation' }]);
  t.same(READER_OF.postmark(bounce('SoftBounce')), []);
  t.same(READER_OF.postmark(bounce('AutoResponder')), []);
  t.match(READER_OF.postmark({ RecordType: 'SpamComplaint', Email: 'a@b.example' }), [{ kind: 'complained' }]);
  t.match(READER_OF.postmark({ RecordType: 'Delivery', Recipient: 'a@b.example', DeliveredAt: ISO }), [
    { kind: 'delivered', recipient: 'a@b.example' },
  ]);
  t.match(
    READER_OF.postmark({
      RecordType: 'SubscriptionChange',
      Recipient: 'a@b.example',
      SuppressSending: true,
      SuppressionReason: 'ManualSuppression',
    }),
    [{ kind: 'revoked' }],
  );
  t.same(
    READER_OF.postmark({
      RecordType: 'SubscriptionChange',
      Recipient: 'a@b.example',
      SuppressSending: true,
      SuppressionReason: 'HardBounce',
    }),
    [],
  );
});

t.test("whose fault: words about us touch no recipient, the provider's clear word wins", async (t) => {
  const [told] = READER_OF.postmark({
    RecordType: 'Bounce',
    Type: 'HardBounce',
    Email: 'A@B.example',
    Details: '550 5.1.1 user unknown',
  });
  t.match(told && reportOf(told, 'webhook'), {
    recipients: ['a@b.example'],
    fault: 'recipient',
    source: 'webhook',
    vouched: null,
  });
  const [blocked] = READER_OF.ses(
    sesBounce('Permanent', 'General', {
      emailAddress: 'a@b.example',
      status: '5.1.1',
      diagnosticCode: '550 5.1.1 blocked using zen.spamhaus.org',
    }),
  );
  t.equal(blocked && reportOf(blocked, 'webhook')?.fault, 'sender');
  t.equal(
    reportOf(
      {
        kind: 'complained',
        recipient: 'nobody',
        queueIds: [],
        messageId: null,
        envid: null,
        status: null,
        diagnostic: '',
        class: null,
        at: null,
      },
      'webhook',
    ),
    null,
  );
});

t.test('whatever comes, nothing is thrown', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...PROVIDERS), fc.jsonValue(), (provider, body) => {
      const shapes = [
        body,
        [body],
        { 'event-data': body },
        { Message: JSON.stringify(body) },
        { RecordType: 'Bounce', Headers: body },
      ];
      return shapes.every((shape) => Array.isArray(READER_OF[provider](shape)));
    }),
  );
});
