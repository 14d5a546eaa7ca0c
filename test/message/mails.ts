/** Messages for tests, put together from their parts. */

import type { Inspection } from '../../src/message/inspection.js';
import { inspect } from '../../src/message/inspector.js';

export interface MailOptions {
  readonly header?: readonly string[];
  readonly text?: string;
  readonly html?: string;
}

const HEADER = [
  'From: Acme <news@acme.example>',
  'To: Bob <bob@example.net>',
  'Subject: News',
  'Date: Thu, 26 Nov 2026 12:00:00 +0000',
  'Message-ID: <1@acme.example>',
  'MIME-Version: 1.0',
];

/** UTF-8 throughout; both texts are alternatives of one another. Fields of `header` take the place of those of their names. */
export function mail({ header = [], text, html }: MailOptions): Buffer {
  const names = new Set(header.map(nameOf));
  const fields = [...HEADER.filter((field) => !names.has(nameOf(field))), ...header].filter(
    (field) => !/^[^:]+:$/.test(field),
  );
  const plain = part('text/plain', text ?? '');
  const markup = part('text/html', html ?? '');
  if (html === undefined) return joined([...fields, ...plain]);
  if (text === undefined) return joined([...fields, ...markup]);
  return joined([
    ...fields,
    'Content-Type: multipart/alternative; boundary="=_b"',
    '',
    '--=_b',
    ...plain,
    '--=_b',
    ...markup,
    '--=_b--',
  ]);
}

export function inspected(options: MailOptions): Inspection {
  return inspect(mail(options), 'fingerprint');
}

function nameOf(field: string): string {
  return field.split(':', 1)[0]?.toLowerCase() ?? '';
}

function part(type: string, content: string): readonly string[] {
  const lines =
    Buffer.from(content)
      .toString('base64')
      .match(/.{1,76}/g) ?? [];
  return [`Content-Type: ${type}; charset=utf-8`, 'Content-Transfer-Encoding: base64', '', ...lines];
}

function joined(lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n`);
}
