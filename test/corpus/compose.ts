/** Messages of the corpus, composed in wire form: the same content in the shapes that mail programs give it. */

export interface Content {
  readonly text: string;
  readonly html: string;
}

type Fields = Readonly<Record<string, string | null>>;

const DATE = new Date('2026-10-15T11:59:00Z').toUTCString().replace('GMT', '+0000');

export const GOOD_HEADER: Fields = {
  From: 'Acme News <news@acme.example>',
  To: 'bob@example.net',
  Subject: 'Spring news',
  Date: DATE,
  'Message-ID': '<spring.1@acme.example>',
  'MIME-Version': '1.0',
  'List-Id': '<news.acme.example>',
};

/** Fields in order; a null takes one out. */
export function headerOf(over: Fields = {}): string {
  const fields = Object.entries({ ...GOOD_HEADER, ...over });
  return fields.flatMap(([name, value]) => (value === null ? [] : [`${name}: ${value}\r\n`])).join('');
}

export function content(text: string, html = `<p>${text.replaceAll('\n', '<br>')}</p>`): Content {
  return { text, html: `<html><body>${html}</body></html>` };
}

/** A body with the fields that describe it. */
export interface Shape {
  readonly name: string;
  readonly body: (content: Content) => string;
}

const crlf = (text: string) => text.replaceAll('\n', '\r\n');
const plain = ({ text }: Content) =>
  `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${crlf(text)}\r\n`;
const html = ({ html: source }: Content) => `Content-Type: text/html; charset=utf-8\r\n\r\n${crlf(source)}\r\n`;

function base64(octets: Buffer): string {
  return (octets.toString('base64').match(/.{1,76}/g) ?? []).join('\r\n');
}

function quotedPrintable(text: string): string {
  const encoded = [...Buffer.from(crlf(text))].map((octet) => {
    if (octet === 13 || octet === 10) return String.fromCharCode(octet);
    return octet > 126 || octet === 61 || octet < 32
      ? `=${octet.toString(16).toUpperCase().padStart(2, '0')}`
      : String.fromCharCode(octet);
  });
  const lines = encoded.join('').split('\r\n');
  return lines.map((line) => line.match(/(?:=[0-9A-F]{2}|[^=]){1,60}/g)?.join('=\r\n') ?? '').join('\r\n');
}

function multipart(kind: string, boundary: string, ...parts: string[]): string {
  const inner = parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('');
  return `Content-Type: multipart/${kind}; boundary="${boundary}"\r\n\r\nThis is MIME.\r\n${inner}--${boundary}--\r\n`;
}

const alternative = (content: Content) => multipart('alternative', 'alt', plain(content), html(content));
const image = `Content-Type: image/png; name="logo.png"\r\nContent-ID: <logo>\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(Buffer.alloc(300, 7))}\r\n`;

export const SHAPES: readonly Shape[] = [
  { name: 'plain', body: plain },
  { name: 'html', body: html },
  { name: 'alternative', body: alternative },
  {
    name: 'base64',
    body: ({ text }) =>
      `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(Buffer.from(crlf(text)))}\r\n`,
  },
  {
    name: 'quoted-printable html',
    body: ({ html: source }) =>
      `Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${quotedPrintable(source)}\r\n`,
  },
  { name: 'with an attachment', body: (content) => multipart('mixed', 'mix', plain(content), image) },
  { name: 'related', body: (content) => multipart('related', 'rel', html(content), image) },
  {
    name: 'nested',
    body: (content) => multipart('mixed', 'mix', multipart('related', 'rel', alternative(content), image), image),
  },
  {
    name: 'utf-16',
    body: ({ text }) =>
      `Content-Type: text/plain; charset=utf-16le\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(Buffer.from(crlf(text), 'utf16le'))}\r\n`,
  },
  {
    name: 'quoted-printable',
    body: ({ text }) =>
      `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${quotedPrintable(text)}\r\n`,
  },
  {
    name: 'html in a table',
    body: (content) =>
      html({ ...content, html: `<table><tr><td>${content.html.replace(/<\/?(?:html|body)>/g, '')}</td></tr></table>` }),
  },
];
