/** Attached messages in a transfer encoding, which RFC 2046 §5.2.1 forbids and senders write. */

import t from 'tap';
import type { Inspection } from '../../src/message/inspection.js';
import { createInspector, DEFAULT_BOUNDS, inspect } from '../../src/message/inspector.js';
import { mail } from './mails.js';

const NEWS = mail({
  header: ['Subject: Inner'],
  text: 'Plain news',
  html: '<p>Marked-up <a href="https://a.example/">news</a></p>',
});

function base64(octets: Buffer): string {
  return (octets.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
}

function quotedPrintable(octets: Buffer): string {
  return octets.toString('latin1').replaceAll('=', '=3D');
}

function attaching(encoding: string, body: string, type = 'message/rfc822'): Buffer {
  return Buffer.from(
    [
      'From: Bob <bob@example.net>',
      'Content-Type: multipart/mixed; boundary=b',
      '',
      '--b',
      'Content-Type: text/plain',
      '',
      'Look at this.',
      '--b',
      `Content-Type: ${type}; name=News.eml`,
      `Content-Transfer-Encoding: ${encoding}`,
      '',
      body,
      '--b--',
      '',
    ].join('\r\n'),
  );
}

function outline({ texts, links, attachments }: Inspection) {
  return {
    texts: texts.map(({ part, visible, embedded }) => [part, visible.trim(), embedded]),
    links: links.map(({ part, url, embedded }) => [part, url, embedded]),
    attachments: attachments.map(({ part, type, name }) => [part, type, name]),
  };
}

const OPENED = {
  texts: [
    ['1', 'Look at this.', false],
    ['2.1', 'Plain news', true],
    ['2.2', 'Marked-up news', true],
  ],
  links: [['2.2', 'https://a.example/', true]],
  attachments: [['2', 'message/rfc822', 'News.eml']],
};

t.test('opened as one that is not encoded', async (t) => {
  const plain = inspect(attaching('8bit', NEWS.toString('latin1')), 'fingerprint');
  t.same(outline(plain), OPENED);
  for (const [encoding, body] of [
    ['base64', base64(NEWS)],
    ['quoted-printable', quotedPrintable(NEWS)],
  ] as const) {
    const encoded = inspect(attaching(encoding, body), 'fingerprint');
    t.same(outline(encoded), OPENED, encoding);
    t.match(encoded.structure?.children[1], { role: 'message', encoding, defects: ['encoded-container'] });
    t.same(encoded.structure?.children[1]?.children[0]?.children.length, 2);
    t.same(encoded.unseen, []);
    t.equal(inspect(attaching(encoding, body), 'structure').structure?.children[1]?.children.length, 1);
  }
  const unknown = inspect(attaching('x-uuencode', base64(NEWS)), 'text');
  t.match(unknown.structure?.children[1], { role: 'attachment' });
});

t.test('octet by octet it is the same', async (t) => {
  const message = attaching('base64', base64(NEWS));

  const inspector = createInspector('text');
  for (let at = 0; at < message.length; at++) inspector.feed(message.subarray(at, at + 1));
  t.same(inspector.end(), inspect(message, 'text'));
});

t.test('encoded in encoded, down to the bound of nesting', { timeout: 60_000 }, async (t) => {
  let message = NEWS;
  for (let depth = 0; depth < 10; depth++) message = attaching('base64', base64(message));
  const seen = inspect(message, 'text');
  t.equal(seen.texts.length, 12);
  t.same(seen.exceeded, []);
  t.equal(seen.texts.at(-1)?.part, `${'2.'.repeat(10)}2`);
  const shallow = inspect(message, 'text', { ...DEFAULT_BOUNDS, nesting: 5 });
  t.same(shallow.exceeded, ['nesting']);
  t.match(shallow.unseen, [{ type: 'message/rfc822', why: 'bound' }]);
});

t.test('what is beyond the bounds is told, and costs no more than they allow', { timeout: 60_000 }, async (t) => {
  const long = inspect(attaching('base64', base64(Buffer.alloc(2_000_000, 'From: a@b.example\r\n'))), 'text');
  t.ok(long.exceeded.includes('textOctets'));
  t.match(long.unseen, [{ part: '2', why: 'bound' }]);
  t.ok(long.structure?.children[1]?.children[0]?.header.fields.length ?? 0 <= DEFAULT_BOUNDS.headerFields);
  const parts = Array.from({ length: 2_000 }, () => `--c\r\n\r\nx\r\n`).join('');
  const many = inspect(
    attaching('base64', base64(Buffer.from(`Content-Type: multipart/mixed; boundary=c\r\n\r\n${parts}`))),
    'text',
  );
  t.ok(many.exceeded.includes('parts'));
  t.ok(many.texts.length <= DEFAULT_BOUNDS.parts);
});

t.test('what is no base64 is read as far as it is', async (t) => {
  const broken = inspect(attaching('base64', `${base64(NEWS)}\r\n!!!`), 'text');
  t.same(outline(broken), OPENED);
  t.same(broken.structure?.children[1]?.defects, ['encoded-container', 'bad-base64']);
});
