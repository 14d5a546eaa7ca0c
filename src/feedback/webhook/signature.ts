import { createHmac, timingSafeEqual } from 'node:crypto';

/** A request that was listened in on is of no use after this. */
const TOLERANCE_MS = 5 * 60_000;

export type SignatureCheck = 'good' | 'missing' | 'malformed' | 'wrong' | 'old';

/** `t=<seconds since the epoch>,v1=<hex HMAC-SHA256 of "<t>.<body>">`, as `Sluice-Signature` carries it. */
export function sign(body: string, secret: string, now: number): string {
  const seconds = Math.floor(now / 1000);
  return `t=${seconds},v1=${macOf(`${seconds}.${body}`, secret).toString('hex')}`;
}

/** @param secrets all that are valid */
export function checkSignature(
  header: string | undefined,
  body: string,
  secrets: readonly string[],
  now: number,
): SignatureCheck {
  if (header === undefined) return 'missing';
  const found = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header);
  if (found === null) return 'malformed';
  const [, seconds = '', hex = ''] = found;
  const given = Buffer.from(hex, 'hex');
  const good = secrets.filter((secret) => timingSafeEqual(given, macOf(`${seconds}.${body}`, secret))).length > 0;
  if (!good) return 'wrong';
  return Math.abs(now - Number(seconds) * 1000) <= TOLERANCE_MS ? 'good' : 'old';
}

/** The password of HTTP Basic authentication (RFC 7617), whatever the user is called. */
export function hasPassword(header: string | undefined, password: string): boolean {
  const found = /^Basic ([A-Za-z0-9+/]+=*)$/i.exec(header ?? '');
  const pair = Buffer.from(found?.[1] ?? '', 'base64').toString();
  const given = pair.slice(pair.indexOf(':') + 1);
  // Of equal length whatever was given, so that time tells nothing.
  return timingSafeEqual(macOf(given, password), macOf(password, password)) && found !== null;
}

function macOf(text: string, secret: string): Buffer {
  return createHmac('sha256', secret).update(text).digest();
}
