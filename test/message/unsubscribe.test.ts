import t from 'tap';
import { findUnsubscribe } from '../../src/message/unsubscribe.js';
import { builtInWords } from '../../src/message/words.js';
import { inspected, type MailOptions } from './mails.js';

function means(options: MailOptions) {
  return findUnsubscribe(inspected(options), builtInWords()).means.map(({ kind, problem }) => [kind, problem]);
}

const POST = 'List-Unsubscribe-Post: List-Unsubscribe=One-Click';

t.test('List-Unsubscribe (RFC 2369) and one click (RFC 8058)', async (t) => {
  const header = (...fields: string[]) => means({ header: fields, text: 'Hi' });
  t.same(header('List-Unsubscribe: <https://acme.example/u/1>'), [['list-unsubscribe', null]]);
  t.same(header('List-Unsubscribe: <mailto:leave@acme.example?subject=x>, <https://acme.example/u/1>', POST), [
    ['list-unsubscribe', null],
    ['list-unsubscribe', null],
    ['one-click', null],
  ]);
  t.same(header('List-Unsubscribe:\r\n <https://acme.example/\r\n u/1>', POST), [
    ['list-unsubscribe', null],
    ['one-click', null],
  ]);
  t.same(header('List-Unsubscribe: <mailto:leave@acme.example>', POST).at(-1), [
    'one-click',
    'List-Unsubscribe has no https URI',
  ]);
  t.same(header('List-Unsubscribe: <http://acme.example/u>', POST).at(-1), [
    'one-click',
    'List-Unsubscribe has no https URI',
  ]);
  t.match(header('List-Unsubscribe: <https://acme.example/u>', 'List-Unsubscribe-Post: One-Click').at(-1), [
    'one-click',
    /is not/,
  ]);
  t.same(header(POST), [['one-click', 'there is no List-Unsubscribe']]);
});

t.test('malformed ones', async (t) => {
  const problem = (value: string) => means({ header: [`List-Unsubscribe: ${value}`], text: 'Hi' })[0]?.[1];
  t.match(problem('https://acme.example/u'), /angle brackets/);
  t.match(problem('=?utf-8?q?=3Chttps=3A//acme.example/u=3E?='), /encoded word/);
  t.match(problem(''), /empty/);
  t.match(problem('<>'), /no URI/);
  t.match(problem('<acme.example/u>'), /no scheme/);
  t.match(problem('<ftp://acme.example/u>'), /neither/);
  t.match(problem('<https://>'), /host|URL/);
  t.match(problem('<https://localhost/u>'), /cannot be reached/);
  t.match(problem('<https://192.168.0.1/u>'), /cannot be reached/);
  t.match(problem('<{{unsubscribe_url}}>'), /placeholder/);
  t.match(problem('<mailto:>'), /no address/);
  t.match(problem('<mailto:leave at acme>'), /address/);
  const several = ['List-Unsubscribe: <https://a.example/u>', 'List-Unsubscribe: <https://b.example/u>'];
  t.match(means({ header: several, text: 'Hi' })[0]?.[1], /several/);
});

t.test('links', async (t) => {
  const link = (html: string) => means({ html });
  t.same(link('<a href="https://acme.example/x">Unsubscribe</a>'), [['link', null]]);
  t.same(link('<a href="https://acme.example/x"><img src="https://a.example/u.png" alt="Unsubscribe"></a>'), [
    ['link', null],
  ]);
  t.same(link('<a href="https://acme.example/unsubscribe?id=1">Stop it</a>'), [['link', null]]);
  t.same(link('<a href="mailto:leave@acme.example?subject=remove">Write to us</a>'), [['link', null]]);
  t.same(link('<a href="https://acme.example/x">uns\u200bub\u00adscribe</a>'), [['link', null]]);
  t.same(link('<a href="https://acme.example/x">UN<b>SUB</b>SCRIBE</a>'), [['link', null]]);
  t.match(link('<a style="display:none" href="https://acme.example/x">Unsubscribe</a>'), [['link', /hidden/]]);
  t.match(link('<a href="#">Unsubscribe</a>'), [['link', /placeholder/]]);
  t.match(link('<a href="*|UNSUB|*">Unsubscribe</a>'), [['link', /placeholder/]]);
  t.match(link('<a href="javascript:leave()">Unsubscribe</a>'), [['link', /neither/]]);
  t.same(link('<p>Unsubscribe any time.</p><a href="https://acme.example/privacy">Privacy</a>'), []);
  t.same(link('<a href="https://acme.example/subscribe">Subscribe</a>'), []);
  t.same(link('<!-- <a href="https://acme.example/x">Unsubscribe</a> -->'), []);
});

t.test('in the plain alternative alone', async (t) => {
  const { means: found } = findUnsubscribe(
    inspected({ text: 'Unsubscribe: https://acme.example/x', html: '<p>News' }),
    builtInWords(),
  );
  t.match(found, [{ kind: 'link', where: '1', value: 'https://acme.example/x' }]);
});
