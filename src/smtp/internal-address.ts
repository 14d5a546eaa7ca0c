import { type Address, UNQUOTED } from './address.js';
import { parseForwardPath, parseReversePath } from './path.js';

/**
 * A mailbox as MTAs keep it and tell it to their helpers: quotes and escapes
 * taken off, so that the last `@` divides it (`a b@example.com` for
 * `"a b"@example.com`). Null: not one that SMTP could spell.
 */
export function addressOfInternalForm(text: string): Address | null {
  const at = text.lastIndexOf('@');
  const local = at < 0 ? text : text.slice(0, at);
  const spelling = PLAIN.test(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`;
  const path = `<${spelling}${at < 0 ? '' : text.slice(at)}>`;
  const parsed = at < 0 ? parseForwardPath(path) : parseReversePath(path);
  return parsed.ok && parsed.rest === '' ? parsed.path.address : null;
}

const PLAIN = new RegExp(`^[${UNQUOTED}]+$`, 'u');
