/** Messages as bulk senders write them, for what is measured on whole messages. */

const CRLF = '\r\n';

const SENTENCE =
  'Our spring collection has arrived: light fabrics, bright colours, and shoes for every path you may take this year. ';

function header(type: string): string {
  const received = Array.from(
    { length: 3 },
    (_, hop) =>
      `Received: from a${hop}.example (a${hop}.example [192.0.2.${hop}])${CRLF}\tby b${hop}.example with ESMTPS id 4Fx${hop};${CRLF}\tThu, 26 Nov 2026 12:00:00 +0000`,
  );
  return [
    ...received,
    `DKIM-Signature: v=1; a=rsa-sha256; d=shop.example; s=a; h=from:to:subject;${CRLF}\tbh=${'A'.repeat(44)};${CRLF}\tb=${'B'.repeat(70)}${CRLF}\t${'C'.repeat(70)}`,
    'From: =?utf-8?q?Sh=C3=B6p?= <news@shop.example>',
    'To: Bob <bob@example.net>',
    'Subject: =?utf-8?B?U3ByaW5nIGlzIGhlcmU=?=',
    'Date: Thu, 26 Nov 2026 12:00:00 +0000',
    'Message-ID: <1@shop.example>',
    'List-Unsubscribe: <https://shop.example/u/1>',
    'MIME-Version: 1.0',
    `Content-Type: ${type}`,
    '',
    '',
  ].join(CRLF);
}

function html(octets: number): string {
  const row = (index: number): string =>
    `<tr><td class="item" style="padding:8px 16px;font-family:Arial,sans-serif;font-size:14px;color:#333333"><a href="https://click.shop.example/c/${index}?u=8fA2&amp;c=spring"><img src="https://img.shop.example/${index}.jpg" width="200" alt="Item ${index}"></a><p style="margin:0">${SENTENCE}</p></td></tr>${CRLF}`;
  const rows: string[] = [];
  for (let length = 0, index = 0; length < octets; index++) length += rows[rows.push(row(index)) - 1]?.length ?? 0;
  return `<html><head><style>.pre{display:none}</style></head><body><div class="pre">Spring</div><table>${rows.join('')}</table><p><a href="https://shop.example/unsubscribe">Unsubscribe</a>. Requests take effect within 48 hours.</p></body></html>${CRLF}`;
}

const text = `${(SENTENCE.trim() + CRLF).repeat(26)}${CRLF}Unsubscribe: https://shop.example/unsubscribe${CRLF}`;
const attachment = `${'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NQ=='.slice(0, 76)}${CRLF}`;

export const MESSAGES = {
  'text, 5 kB': Buffer.from(header('text/plain; charset=utf-8') + text),
  'text and HTML, 60 kB': Buffer.from(
    `${header('multipart/alternative; boundary=b')}--b${CRLF}Content-Type: text/plain${CRLF}${CRLF}${text}--b${CRLF}Content-Type: text/html; charset=utf-8${CRLF}${CRLF}${html(55_000)}--b--${CRLF}`,
  ),
  'attachment, 10 MB': Buffer.from(
    `${header('multipart/mixed; boundary=b')}--b${CRLF}Content-Type: text/plain${CRLF}${CRLF}${text}--b${CRLF}Content-Type: application/pdf; name=a.pdf${CRLF}Content-Transfer-Encoding: base64${CRLF}${CRLF}${attachment.repeat(Math.round(1e7 / attachment.length))}--b--${CRLF}`,
  ),
} as const satisfies Readonly<Record<string, Buffer>>;
