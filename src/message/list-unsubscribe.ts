/** List-Unsubscribe (RFC 2369) and List-Unsubscribe-Post (RFC 8058). */

import { parseAddress } from '../smtp/path.js';
import type { UnsubscribeMeans } from './findings.js';
import { fieldsNamed } from './header-fields.js';
import { unfold } from './header-section.js';
import type { HeaderSection } from './inspection.js';

const MAX_URIS = 20;
const ONE_CLICK = 'List-Unsubscribe=One-Click';

export function headerMeans(header: HeaderSection): readonly UnsubscribeMeans[] {
  const fields = fieldsNamed(header, 'list-unsubscribe');
  const uris = fields.flatMap(({ raw }) => readUris(unfold(raw).trim(), fields.length > 1 ? 'several' : 'one'));
  return [...uris, ...oneClick(header, uris)];
}

function readUris(text: string, fields: 'one' | 'several'): readonly UnsubscribeMeans[] {
  if (text === '') return [listUnsubscribe('', 'the field is empty')];
  if (text.includes('=?') && /=\?[^?\s]+\?[bq]\?/i.test(text))
    return [listUnsubscribe(text, 'it is an encoded word (RFC 2047), which mail programs do not decode here')];
  const bracketed = [...text.matchAll(/<([^<>]*)>/g)].slice(0, MAX_URIS);
  if (bracketed.length === 0) return [listUnsubscribe(text, 'the URI is not in angle brackets')];
  // RFC 2369 §2: white space within the brackets is ignored.
  return bracketed.map((match) => {
    const uri = (match[1] ?? '').replace(/\s+/g, '');
    return listUnsubscribe(uri, fields === 'several' ? 'there are several List-Unsubscribe fields' : uriProblem(uri));
  });
}

function oneClick(header: HeaderSection, uris: readonly UnsubscribeMeans[]): readonly UnsubscribeMeans[] {
  const fields = fieldsNamed(header, 'list-unsubscribe-post');
  const [post] = fields;
  if (post === undefined) return [];
  const https = uris.find(({ value }) => /^https:/i.test(value));
  const means = (problem: string | null): readonly UnsubscribeMeans[] => [
    { kind: 'one-click', where: 'header', value: https?.value ?? '', words: null, problem },
  ];
  if (fields.length > 1) return means('there are several List-Unsubscribe-Post fields');
  if (unfold(post.raw).trim() !== ONE_CLICK) return means(`List-Unsubscribe-Post is not ${ONE_CLICK}`);
  if (uris.length === 0) return means('there is no List-Unsubscribe');
  if (https === undefined) return means('List-Unsubscribe has no https URI');
  return means(https.problem);
}

function listUnsubscribe(value: string, problem: string | null): UnsubscribeMeans {
  return { kind: 'list-unsubscribe', where: 'header', value: value.slice(0, 2_000), words: null, problem };
}

/** Of a URI by which readers are to leave; null: none. */
export function uriProblem(uri: string): string | null {
  if (uri === '') return 'there is no URI';
  if (isPlaceholder(uri)) return 'a placeholder in it was not filled in';
  if (/[^\x21-\x7e]/.test(uri) && !/^https?:/i.test(uri)) return 'it has characters that a URI has not';
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(uri)?.[1]?.toLowerCase();
  if (scheme === undefined) return 'it has no scheme such as https:';
  if (scheme === 'mailto') return mailtoProblem(uri);
  if (scheme !== 'https' && scheme !== 'http') return `${scheme}: is neither https:, http: nor mailto:`;
  return webProblem(uri);
}

/** `{{url}}`, `%%url%%`, `*|UNSUB|*`, `[unsubscribe]`, `$url$`, as programs leave them when nobody filled them in. */
export function isPlaceholder(uri: string): boolean {
  return (
    /\{\{|\}\}|\{%|%%|\*\||\|\*|\[\[?[a-z_. -]+\]?\]|\$\{|<%|^#|^\$|\{[a-z_.]+\}/i.test(uri) ||
    /%[A-Z][A-Z_]{3,}%/.test(uri)
  );
}

function webProblem(uri: string): string | null {
  if (!/^https?:\/\//i.test(uri)) return 'it has no host';
  let host: string;
  try {
    host = new URL(uri).hostname;
  } catch {
    return 'it cannot be read as a URL';
  }
  if (host === '') return 'it has no host';
  const local =
    /^(?:localhost|.*\.(?:local|localhost|internal|lan)|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|169\.254\.|\[(?:::1|f[cd]|fe80))/;
  if (local.test(host) || !/[.:]/.test(host)) return 'its host cannot be reached from outside';
  return null;
}

function mailtoProblem(uri: string): string | null {
  const question = uri.indexOf('?');
  const written = uri.slice('mailto:'.length, question < 0 ? undefined : question);
  if (written === '') return 'it has no address';
  const addresses = percentDecoded(written).split(',');
  return addresses.every((address) => parseAddress(address) !== null) ? null : 'its address cannot be read';
}

/** As it is where it cannot be decoded. */
export function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%([0-7][0-9a-f])/gi, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  }
}
