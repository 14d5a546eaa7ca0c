/** What is hard to judge: mail that cannot be read, alternatives that differ, what is only attached, all languages, and mail that is no bulk. */

import { readdirSync, readFileSync } from 'node:fs';
import type { RuleId } from '../../src/policy/rule.js';
import { SAMPLES } from '../message/language-samples.js';
import type { Case } from './case.js';
import { headerOf } from './compose.js';

const FILL = 'Our garden chairs are back in all shops.';
const HIDDEN = { To: 'undisclosed-recipients:;' };
const ADDRESS = 'Acme Inc., 123 Main Street, Springfield, IL 62701';

type Fields = Readonly<Record<string, string | null>>;
type Part = readonly string[];

/** A part, or the fields that describe a body and the body. */
const part = (type: string, ...body: readonly string[]): Part => [`Content-Type: ${type}`, '', ...body];
const text = (...lines: readonly string[]): Part => part('text/plain; charset=utf-8', ...lines);
const html = (...lines: readonly string[]): Part => part('text/html; charset=utf-8', ...lines);

function base64(type: string, octets: Buffer): Part {
  const lines = octets.toString('base64').match(/.{1,76}/g) ?? [];
  return [`Content-Type: ${type}`, 'Content-Transfer-Encoding: base64', '', ...lines];
}

function multipart(kind: string, ...parts: readonly Part[]): Part {
  const boundary = `b${kind.replace(/[^a-z]/g, '')}`;
  const inner = parts.flatMap((one) => [`--${boundary}`, ...one]);
  return part(`multipart/${kind}; boundary=${boundary}`, ...inner, `--${boundary}--`);
}

function wire(body: Part, fields: Fields = {}): string {
  return `${headerOf(fields)}${body.join('\r\n')}\r\n`;
}

function aCase(rule: RuleId, verdict: Case['verdict'], name: string, message: string, some: Partial<Case> = {}): Case {
  return { rule, verdict, name, message, ...some };
}

// ---------------------------------------------------------------- what cannot be read

const nested = (depth: number, innermost: Part): Part =>
  depth === 0
    ? innermost
    : part(`multipart/mixed; boundary=d${depth}`, `--d${depth}`, ...nested(depth - 1, innermost), `--d${depth}--`);

const OPAQUE: Readonly<Record<string, Part>> = {
  'PGP/MIME': multipart(
    'encrypted; protocol="application/pgp-encrypted"',
    part('application/pgp-encrypted', 'Version: 1'),
    part('application/octet-stream', '-----BEGIN PGP MESSAGE-----', 'hQEMA', '-----END PGP MESSAGE-----'),
  ),
  'PGP in the text': text('-----BEGIN PGP MESSAGE-----', '', 'hQEMA', '-----END PGP MESSAGE-----'),
  'S/MIME, encrypted': base64('application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m', Buffer.alloc(40, 9)),
  'S/MIME, signed opaquely': base64('application/pkcs7-mime; smime-type=signed-data; name=smime.p7m', Buffer.alloc(40)),
  'an unknown charset': base64('text/plain; charset=x-klingon', Buffer.from([0xff, 0xfe, 0xe0, 0xc1])),
  'deep MIME': nested(40, text(ADDRESS)),
};
const TEXT_RULES: Readonly<Record<RuleId, Fields>> = {
  'message.recipient-visible': HIDDEN,
  'message.unsubscribe': {},
  'message.revocation-notice': {},
  'message.postal-address': {},
};
const unreadable = Object.entries(TEXT_RULES).flatMap(([rule, fields]) =>
  Object.entries(OPAQUE).flatMap(([name, body]) => [
    aCase(rule as RuleId, 'pass', `${name}: cannot see`, wire(body, fields)),
    aCase(rule as RuleId, 'refuse', `${name}: cannot see, not allowed`, wire(body, fields), {
      parameters: { unseen: 'reject' },
    }),
  ]),
);

const signed = (...lines: readonly string[]): Part =>
  multipart(
    'signed; protocol="application/pkcs7-signature"',
    text(...lines),
    base64('application/pkcs7-signature; name=smime.p7s', Buffer.alloc(40)),
  );
const clearSigned = [
  aCase('message.recipient-visible', 'pass', 'signed, to be read', wire(signed(FILL, 'To bob@example.net'), HIDDEN)),
  aCase('message.recipient-visible', 'refuse', 'signed, to be read, not there', wire(signed(FILL), HIDDEN)),
  aCase('message.postal-address', 'pass', 'signed, to be read', wire(signed(FILL, ADDRESS))),
  aCase('message.postal-address', 'refuse', 'signed, to be read, not there', wire(signed(FILL))),
];

// ---------------------------------------------------------------- alternatives, attached messages

const TO_BOB = 'This was sent to bob@example.net.';
const LEAVE = '<a href="https://acme.example/u">Unsubscribe</a>';
const NOTICE = 'Requests to unsubscribe are honored within 48 hours.';
const alternative = (plain: readonly string[], marked: readonly string[]): Part =>
  multipart('alternative', text(FILL, ...plain), html(`<p>${FILL}</p>`, ...marked));
const BOTH = { parameters: { everyAlternative: true } };
const differing = [
  aCase('message.recipient-visible', 'pass', 'in HTML only', wire(alternative([], [TO_BOB]), HIDDEN)),
  aCase(
    'message.recipient-visible',
    'refuse',
    'in HTML only, both asked',
    wire(alternative([], [TO_BOB]), HIDDEN),
    BOTH,
  ),
  aCase('message.recipient-visible', 'pass', 'in both', wire(alternative([TO_BOB], [TO_BOB]), HIDDEN), BOTH),
  aCase(
    'message.recipient-visible',
    'refuse',
    'hidden in HTML',
    wire(alternative([], [`<div style="display:none">${TO_BOB}</div>`]), HIDDEN),
  ),
  aCase('message.unsubscribe', 'pass', 'in HTML only', wire(alternative([], [LEAVE]))),
  aCase(
    'message.unsubscribe',
    'refuse',
    'a hidden link',
    wire(alternative([], [`<div style="display:none">${LEAVE}</div>`])),
  ),
  aCase('message.revocation-notice', 'pass', 'in text only', wire(alternative([NOTICE], []))),
  aCase('message.revocation-notice', 'refuse', 'in a comment', wire(alternative([], [`<!-- ${NOTICE} -->`]))),
  aCase('message.postal-address', 'pass', 'in HTML only', wire(alternative([], [`<p>${ADDRESS}</p>`]))),
];

const INNER = Buffer.from(
  wire(multipart('alternative', text(TO_BOB, NOTICE, ADDRESS), html(LEAVE)), { To: 'bob@example.net' }),
);
const ATTACHED: Readonly<Record<string, Part>> = {
  'in an attached message only': multipart(
    'mixed',
    text(FILL),
    part('message/rfc822', ...INNER.toString().split('\r\n')),
  ),
  'in an attached message in base64 only': multipart('mixed', text(FILL), base64('message/rfc822', INNER)),
};
const attached = Object.entries(TEXT_RULES).flatMap(([rule, fields]) =>
  Object.entries(ATTACHED).map(([name, body]) => aCase(rule as RuleId, 'refuse', name, wire(body, fields))),
);

// ---------------------------------------------------------------- languages

const languages = Object.entries(SAMPLES).flatMap(([language, { link, hours48, days2, days10, reply }]) => [
  aCase(
    'message.unsubscribe',
    'pass',
    `link, ${language}`,
    wire(html(`<a href="https://acme.example/x/1">${link}</a>`)),
  ),
  aCase('message.unsubscribe', 'pass', `reply, ${language}`, wire(text(FILL, reply))),
  aCase('message.revocation-notice', 'pass', `48 hours, ${language}`, wire(text(FILL, hours48))),
  aCase('message.revocation-notice', 'pass', `two days, ${language}`, wire(text(FILL, days2))),
  aCase('message.revocation-notice', 'refuse', `ten days, ${language}`, wire(text(FILL, days10))),
]);

// ---------------------------------------------------------------- no bulk

/** Reports of mail systems, answers, forwarded mail, an invitation, encrypted mail of people. */
const MAILS = new URL('../message/mails/', import.meta.url);
const BULK_RULES: readonly RuleId[] = [
  ...(['message.recipient-visible', 'message.unsubscribe', 'message.revocation-notice', 'message.subject'] as const),
  ...(['message.postal-address', 'domain.registration', 'recipient.consent', 'bulk.approval'] as const),
  ...(['bulk.declaration', 'flood.campaign', 'provider.requirements'] as const),
];
const noBulk = readdirSync(MAILS).flatMap((file) => {
  const message = readFileSync(new URL(file, MAILS), 'utf8');
  return BULK_RULES.map((rule) => aCase(rule, 'pass', `no bulk, ${file}`, message, { recipients: ['bob@gmail.com'] }));
});

export const HARD_CASES: readonly Case[] = [
  ...unreadable,
  ...clearSigned,
  ...differing,
  ...attached,
  ...languages,
  ...noBulk,
];
