import t from 'tap';
import { PassingHeader } from '../../src/message/passing-header.js';
import { isStreamName, mailStream, type StreamNaming } from '../../src/policy/mail-stream.js';
import { address } from './facts.js';

const FROM = 'From: Acme <Offers@shop.acme.example>\r\n';

function streamOf(fields: string, naming: Partial<StreamNaming> = {}): string | null {
  const header = new PassingHeader();
  header.feed(Buffer.from(`${fields}\r\nhello\r\n`));
  return mailStream(header.section, address('bounce@acme.example'), {
    streams: [],
    feedbackIdParts: [3, 4],
    ...naming,
  });
}

t.test('what stays the same in Feedback-ID names the stream', async (t) => {
  const first = streamOf('Feedback-ID: spring-17:cust9:Offers:Acme\r\n');
  t.equal(first, 'feedback-id:offers:acme');
  t.equal(streamOf('Feedback-ID: spring-18:cust9:offers:acme\r\n'), first, 'another campaign of it');
  t.equal(streamOf('Feedback-ID:\r\n spring-18 : cust9 : offers : acme \r\n'), first, 'folded, with spaces');
  t.equal(streamOf('Feedback-ID: ::offers:acme\r\n'), first, 'the other parts may be empty');
  t.not(streamOf('Feedback-ID: spring-18:cust9:news:acme\r\n'), first);
  t.equal(streamOf('Feedback-ID: a:b:c:d\r\n', { feedbackIdParts: [2] }), 'feedback-id:b');
  t.equal(streamOf('Feedback-ID: a:b:c:d\r\n', { feedbackIdParts: [4, 1] }), 'feedback-id:d:a');
});

t.test('where it does not say, the stream is not known', async (t) => {
  for (const value of ['a:b', 'a:b:c', 'a:b:c:d:e', 'a:b::d', 'a:b:c:', 'a:b:two words:d', 'a:b:ä:d', '']) {
    t.equal(streamOf(`Feedback-ID: ${value}\r\n`), null, value);
  }
  t.equal(streamOf(`Feedback-ID: a:b:${'c'.repeat(255)}:d\r\n`), null, 'too long a name');
  t.equal(streamOf('Feedback-ID: a:b:c:d\r\nFeedback-ID: a:b:e:d\r\n'), null, 'two of them contradict each other');
  t.equal(streamOf('Feedback-ID: a:b:c:d\r\n', { feedbackIdParts: [] }), null);
  t.equal(streamOf(FROM), null);
  t.equal(streamOf(''), null);
});

t.test('a declared stream comes first, and the first of them', async (t) => {
  const streams = [
    { name: 'offers', from: 'shop.acme.example' },
    { name: 'notes', reversePath: 'acme.example', header: { name: 'X-Stream', value: 'notes' } },
    { name: 'rest', header: { name: 'X-Stream' } },
  ];
  t.equal(streamOf(`${FROM}X-Stream: notes\r\nFeedback-ID: a:b:c:d\r\n`, { streams }), 'offers');
  t.equal(streamOf('X-Stream: notes\r\n', { streams }), 'notes');
  t.equal(streamOf('x-stream: other\r\n', { streams }), 'rest');
  t.equal(streamOf('Feedback-ID: a:b:c:d\r\n', { streams }), 'feedback-id:c:d');
});

t.test('a name that no mail can have is known', async (t) => {
  const naming = { streams: [{ name: 'offers', from: 'shop.acme.example' }], feedbackIdParts: [3, 4] };
  t.ok(isStreamName('offers', naming));
  t.notOk(isStreamName('offer', naming));
  t.ok(isStreamName('feedback-id:offers:acme', naming));
  t.notOk(isStreamName('feedback-id:offers', naming), 'named by other parts once');
  t.notOk(isStreamName('feedback-id:', { ...naming, feedbackIdParts: [] }));
});
