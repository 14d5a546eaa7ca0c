import type { Address } from '../smtp/address.js';
import { foldLocal, makeAddress, normaliseDomain } from '../smtp/address.js';
import { parseAddress } from '../smtp/path.js';
import type { Mailbox, RecipientFinding, Sighting } from './findings.js';
import type { Inspection, Link, TextPart } from './inspection.js';
import { percentDecoded } from './list-unsubscribe.js';
import { mailboxesOf } from './mailbox-list.js';

/** Where each of the recipients is to be seen, in their order. Wish: `text`. */
export function findRecipients(inspection: Inspection, recipients: readonly Address[]): readonly RecipientFinding[] {
  if (recipients.length === 0) return [];
  const places = new Places(inspection);
  return recipients.map((recipient) => places.find(recipient));
}

class Places {
  readonly #to: ReadonlySet<string>;
  readonly #cc: ReadonlySet<string>;
  readonly #toNames: TextAddresses;
  readonly #texts: readonly { readonly text: TextPart; readonly addresses: TextAddresses }[];
  readonly #mailto: readonly { readonly part: string; readonly keys: ReadonlySet<string> }[];
  readonly #urls: TextAddresses;
  readonly #hidden: TextAddresses;
  readonly #groups: ReadonlyMap<string, number>;

  constructor({ header, texts, links }: Inspection) {
    const to = mailboxesOf(header, 'to').mailboxes;
    this.#to = keysOf(to);
    this.#cc = keysOf(mailboxesOf(header, 'cc').mailboxes);
    this.#toNames = new TextAddresses(to.map(({ name }) => name).join('\n'));
    const own = texts.filter(({ embedded }) => !embedded);
    this.#texts = own.map((text) => ({ text, addresses: new TextAddresses(text.visible) }));
    this.#mailto = links
      .filter((link) => !link.embedded && !link.hidden && isMailto(link))
      .map((link) => ({ part: link.part, keys: new Set(mailtoKeys(link.url)) }));
    const [seen, unseen] = [false, true].map((hidden) =>
      links.filter((link) => !link.embedded && link.hidden === hidden),
    );
    this.#urls = new TextAddresses((seen ?? []).map(({ url }) => url).join('\n'));
    this.#hidden = new TextAddresses(
      [...own.map(({ hidden }) => hidden), ...(unseen ?? []).map(({ url }) => url)].join('\n'),
    );
    this.#groups = alternativeGroups(own);
  }

  find(recipient: Address): RecipientFinding {
    const sightings: Sighting[] = [];
    const { key } = recipient;
    if (this.#to.has(key)) sightings.push('to');
    if (this.#cc.has(key)) sightings.push('cc');
    if (this.#toNames.has(recipient)) sightings.push('to-name');
    const inText = this.#texts.filter(({ addresses }) => addresses.has(recipient)).map(({ text }) => text.part);
    const inMailto = this.#mailto.filter(({ keys }) => keys.has(key)).map(({ part }) => part);
    if (inText.length > 0) sightings.push('text');
    if (inMailto.length > 0) sightings.push('mailto');
    else if (this.#urls.has(recipient)) sightings.push('link-url');
    if (this.#hidden.has(recipient)) sightings.push('hidden');
    return {
      key,
      sightings,
      visible: sightings.some((one) => one === 'to' || one === 'text' || one === 'mailto'),
      everyAlternative: this.#coversAlternatives(new Set([...inText, ...inMailto])),
    };
  }

  /** In a text that everybody sees, or in all texts of a multipart/alternative. */
  #coversAlternatives(parts: ReadonlySet<string>): boolean {
    const found = new Map<string, number>();
    for (const { text } of this.#texts) {
      if (!parts.has(text.part)) continue;
      if (text.alternativeOf === null) return true;
      found.set(text.alternativeOf, (found.get(text.alternativeOf) ?? 0) + 1);
    }
    return [...found].some(([group, count]) => count === this.#groups.get(group));
  }
}

/** Texts to read of each multipart/alternative; a calendar object is not read. */
function alternativeGroups(texts: readonly TextPart[]): ReadonlyMap<string, number> {
  const groups = new Map<string, number>();
  for (const { alternativeOf, kind } of texts)
    if (alternativeOf !== null && kind !== 'calendar') groups.set(alternativeOf, (groups.get(alternativeOf) ?? 0) + 1);
  return groups;
}

function keysOf(mailboxes: readonly Mailbox[]): ReadonlySet<string> {
  return new Set(mailboxes.flatMap(({ address }) => (address === null ? [] : [address.key])));
}

function isMailto({ url }: Link): boolean {
  return /^mailto:/i.test(url);
}

/** RFC 6068: addresses, and those of a `to` among the parameters. */
function mailtoKeys(url: string): readonly string[] {
  const [path = '', query = ''] = url.slice('mailto:'.length).split('?', 2);
  const more = query.split('&').flatMap((pair) => (/^to=/i.test(pair) ? [pair.slice(3)] : []));
  return [path, ...more].flatMap((list) =>
    percentDecoded(list)
      .split(',')
      .flatMap((text) => parseAddress(text)?.key ?? []),
  );
}

/** Characters that a local part may have, and that often stand before an address that has them not. */
const LOCAL = /[\p{L}\p{M}\p{N}!#$%&'*+\-/=?^_`{|}~.]/u;
const DOMAIN = /[\p{L}\p{M}\p{N}\-._]/u;
const SEPARATES = /[!#$%&'*/=?^`{|}~]/;
const MAX_LOCAL = 256;
const MAX_DOMAIN = 255;
/** Where the local part may begin, nearest to the `@` first. */
const MAX_READINGS = 16;

/** The addresses in a text, found once for any number of recipients. */
class TextAddresses {
  readonly #keys = new Set<string>();
  #folded: string | null = null;

  constructor(private readonly text: string) {
    if (text.includes('@')) this.#collect(text);
    // Once decoded: `bob%40example.net`, also where the whole is a parameter of a URL.
    if (/%40/.test(text)) this.#collect(percentDecodedLoosely(text));
  }

  has(recipient: Address): boolean {
    if (this.#keys.has(recipient.key)) return true;
    // Quoted local parts and address literals are no run of characters: looked for as spelled.
    if (!recipient.key.startsWith('"') && !recipient.key.includes('[')) return false;
    this.#folded ??= foldLocal(this.text);
    return this.#folded.includes(recipient.key) || this.#folded.includes(foldLocal(recipient.spelling));
  }

  #collect(text: string): void {
    const clean = text.replace(/[\u00ad\u200b-\u200d\u2060\ufeff]/g, '').replaceAll('＠', '@');
    for (let at = clean.indexOf('@'); at >= 0; at = clean.indexOf('@', at + 1)) {
      const locals = localsBefore(clean, at);
      if (locals.length === 0) continue;
      for (const domain of domainsAfter(clean, at + 1))
        for (const local of locals) this.#keys.add(makeAddress('', local, domain).key);
    }
  }
}

/** `email=bob`, `bob`. Dots around it are the sentence's. */
function localsBefore(text: string, at: number): readonly string[] {
  let from = at;
  while (from > 0 && at - from < MAX_LOCAL && LOCAL.test(text[from - 1] ?? '')) from -= 1;
  const run = text.slice(from, at).replace(/^\.+/, '');
  if (run === '') return [];
  const found = [run];
  for (let index = run.length - 2; index >= 0 && found.length < MAX_READINGS; index--) {
    const char = run[index] ?? '';
    const next = run[index + 1] ?? '';
    if (SEPARATES.test(char) || (isAscii(next) && !isAscii(char))) found.push(run.slice(index + 1).replace(/^\.+/, ''));
  }
  return found;
}

/** In a script without spaces the sentence goes on: `bob@example.netまで`. */
function domainsAfter(text: string, from: number): readonly string[] {
  let end = from;
  while (end < text.length && end - from < MAX_DOMAIN && DOMAIN.test(text[end] ?? '')) end += 1;
  const run = text.slice(from, end);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole ASCII range is meant
  const ascii = /^[\x00-\x7f]*/.exec(run)?.[0] ?? '';
  return [run, ascii].flatMap((domain) => normaliseDomain(domain.replace(/[._-]+$/, '')) ?? []);
}

function isAscii(char: string): boolean {
  return char.charCodeAt(0) < 0x80;
}

function percentDecodedLoosely(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => percentDecoded(run));
}
