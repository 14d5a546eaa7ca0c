import t from 'tap';
import { isAligned } from '../../src/policy/organizational-domain.js';

t.test('domains of one organization', async (t) => {
  const alike: readonly (readonly [string, string])[] = [
    ['acme.example', 'acme.example'],
    ['mail.acme.example', 'acme.example'],
    ['a.b.acme.co.uk', 'news.acme.co.uk'],
    ['acme.com.au', 'bounce.acme.com.au'],
    ['shop.acme.kawasaki.jp', 'www.shop.acme.kawasaki.jp'],
    // IDNA-normalised, as addresses are: bücher.example.
    ['xn--bcher-kva.example', 'news.xn--bcher-kva.example'],
  ];
  for (const [one, other] of alike) t.ok(isAligned(one, other), `${one} and ${other}`);
});

t.test('strangers under one suffix', async (t) => {
  const strangers: readonly (readonly [string, string])[] = [
    ['acme.example', 'acme.org'],
    ['acme.co.uk', 'other.co.uk'],
    ['acme.com.au', 'other.com.au'],
    ['acme.kawasaki.jp', 'other.kawasaki.jp'],
    ['acme.github.io', 'other.github.io'],
    ['acme.co.uk', 'co.uk'],
    ['[192.0.2.1]', '[192.0.2.2]'],
    ['', 'acme.example'],
  ];
  for (const [one, other] of strangers) t.notOk(isAligned(one, other), `${one} and ${other}`);
});
