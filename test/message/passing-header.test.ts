import t from 'tap';
import { PassingHeader, subscriptionIdIn } from '../../src/message/passing-header.js';
import fc from '../support/property.js';

function passing(...chunks: readonly string[]): PassingHeader {
  const header = new PassingHeader();
  for (const chunk of chunks) header.feed(Buffer.from(chunk, 'latin1'));
  return header;
}

t.test('Message-ID and list, whatever pieces they come in', async () => {
  const text =
    'Subject: x\r\nMessage-Id:\r\n <m1@acme.example>\r\nList-ID: Our\r\n news <News.Acme.example>\r\n\r\nList-Id: <no>';
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 6 }), (cuts) => {
      const places = [0, ...cuts.sort((one, other) => one - other), text.length];
      const header = passing(...places.slice(1).map((end, index) => text.slice(places[index], end)));
      return header.messageId === '<m1@acme.example>' && header.list === 'news.acme.example';
    }),
  );
});

t.test('the body is not looked at, nor is more than the bound', async (t) => {
  const body = passing('Subject: x\r\n\r\nMessage-ID: <b@x>\r\nList-Id: <b.x>\r\n');
  t.same([body.messageId, body.list], [null, null]);
  const late = passing(`X: ${'x'.repeat(40_000)}\r\n`, 'Message-ID: <late@x>\r\n\r\n');
  t.equal(late.messageId, null);
  t.same(
    passing('A: 1\r\nB: 2\r\n\r\n').section.fields.map(({ key }) => key),
    ['a', 'b'],
  );
});

t.test('what is no identifier of a list', async (t) => {
  for (const text of [undefined, '', 'two words', 'a<b', 'ä.example', 'x'.repeat(256)])
    t.equal(subscriptionIdIn(text), null);
  t.equal(subscriptionIdIn(' News.Acme.EXAMPLE '), 'news.acme.example');
});
