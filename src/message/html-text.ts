/**
 * HTML to what a reader sees of it, what is hidden in it, and its links. Built on
 * htmlparser2's tokenizer and not on its parser, whose stack takes quadratic time
 * for hostile nesting; elements are only followed as far as they change what is seen.
 */

import { QuoteType, Tokenizer } from 'htmlparser2';
import {
  type Declarations,
  isHidden,
  type Look,
  lookWithin,
  NO_DECLARATIONS,
  PLAIN_LOOK,
  readDeclarations,
  withColours,
} from './hiding.js';
import { StyleSheet } from './style-sheet.js';
import { TextFlow } from './text-flow.js';

export interface HtmlLink {
  readonly url: string;
  readonly text: string;
  readonly kind: 'anchor' | 'form';
  readonly hidden: boolean;
  readonly before: string;
  readonly after: string;
}

export interface HtmlText {
  readonly visible: string;
  readonly hidden: string;
  readonly links: readonly HtmlLink[];
  readonly images: readonly { readonly url: string; readonly alt: string; readonly hidden: boolean }[];
  /** There were more links or images than asked for. */
  readonly tooManyLinks: boolean;
}

export function readHtml(html: string, maxLinks: number): HtmlText {
  return new HtmlReader(html, maxLinks).read();
}

type OpenLink = { -readonly [K in keyof HtmlLink]: HtmlLink[K] } & { hasImage: boolean };

interface Element {
  readonly tag: string;
  readonly look: Look;
  readonly link: OpenLink | null;
  readonly preformatted: boolean;
}

/** Deeper ones look as the deepest of these does. */
const MAX_DEPTH = 300;
const MAX_LINK_TEXT = 300;
const MAX_AFTER = 120;
const MAX_URL = 8_192;
const MAX_REMEMBERED = 300;

const VOID = new Set(
  'area base br col embed hr img input link meta param source track wbr basefont bgsound frame keygen'.split(' '),
);
const BLOCK = new Set(
  'address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol optgroup option p pre section summary table tbody tfoot thead tr ul title'.split(
    ' ',
  ),
);
const PARAGRAPH = new Set('p h1 h2 h3 h4 h5 h6 blockquote ul ol dl pre'.split(' '));
const CELL = new Set(['td', 'th']);
/** Text in them is nobody's: code, and what a program that reads HTML does not show. */
const CODE = new Set(['script', 'style', 'object', 'applet', 'svg', 'math']);
/** Text in them is not shown. */
const UNSHOWN = new Set([
  'template',
  'title',
  'head',
  'noembed',
  'noframes',
  'datalist',
  'audio',
  'video',
  'canvas',
  'iframe',
  'select',
]);
/** Which open elements, on top of the stack, end where one of these begins. */
const ENDS: Readonly<Record<string, ReadonlySet<string>>> = {
  li: new Set(['li', 'p']),
  dt: new Set(['dt', 'dd', 'p']),
  dd: new Set(['dt', 'dd', 'p']),
  tr: new Set(['tr', 'td', 'th', 'p']),
  td: new Set(['td', 'th', 'p']),
  th: new Set(['td', 'th', 'p']),
  tbody: new Set(['tr', 'td', 'th', 'p', 'thead', 'tbody']),
  option: new Set(['option']),
  body: new Set(['head', 'title', 'style', 'script']),
  a: new Set(['a']),
};
const ENDS_PARAGRAPH: ReadonlySet<string> = new Set(['p']);
const WANTED = new Set(
  'href src style hidden class id alt bgcolor color background action aria-hidden type value'.split(' '),
);

class HtmlReader {
  readonly #visible = new TextFlow();
  readonly #hidden = new TextFlow();
  readonly #links: OpenLink[] = [];
  readonly #images: { url: string; alt: string; hidden: boolean }[] = [];
  readonly #sheet = new StyleSheet();
  readonly #stack: Element[] = [];
  /** How many of each tag are on the stack, so that a stray end tag costs nothing. */
  readonly #open = new Map<string, number>();
  /** Elements beyond the depth. */
  #beyond = 0;
  #top: Element = { tag: '', look: PLAIN_LOOK, link: null, preformatted: false };
  /** A link that has ended, and still gets what follows it. */
  #ended: OpenLink | null = null;
  #tooManyLinks = false;
  #tag = '';
  #attribute = '';
  #value = '';
  #attributes = new Map<string, string>();
  #css: string[] = [];
  /** Styles repeat from cell to cell. */
  readonly #styles = new Map<string, Declarations>();
  readonly #matching = new Map<string, readonly Declarations[]>();

  constructor(
    private readonly html: string,
    private readonly maxLinks: number,
  ) {}

  read(): HtmlText {
    const { html } = this;
    const nothing = (): void => undefined;
    const tokenizer = new Tokenizer(
      { decodeEntities: true },
      {
        ontext: (start, end) => this.#text(html.slice(start, end)),
        ontextentity: (codepoint) => this.#text(String.fromCodePoint(codepoint)),
        onopentagname: (start, end) => {
          this.#tag = html.slice(start, end).toLowerCase();
          if (this.#attributes.size > 0) this.#attributes = new Map();
        },
        onattribname: (start, end) => {
          const name = html.slice(start, end).toLowerCase();
          this.#attribute = WANTED.has(name) ? name : '';
          this.#value = '';
        },
        onattribdata: (start, end) => {
          if (this.#attribute !== '' && this.#value.length < MAX_URL) this.#value += html.slice(start, end);
        },
        onattribentity: (codepoint) => {
          if (this.#attribute !== '' && this.#value.length < MAX_URL) this.#value += String.fromCodePoint(codepoint);
        },
        onattribend: (quote) => {
          if (this.#attribute === '' || this.#attributes.has(this.#attribute)) return;
          this.#attributes.set(this.#attribute, quote === QuoteType.NoValue ? '' : this.#value);
        },
        onopentagend: () => this.#opened(false),
        onselfclosingtag: () => this.#opened(false),
        onclosetag: (start, end) => this.#closed(html.slice(start, end).toLowerCase()),
        oncomment: (start, end, offset) => this.#comment(html.slice(start, Math.max(start, end - offset))),
        oncdata: nothing,
        ondeclaration: nothing,
        onprocessinginstruction: nothing,
        onend: nothing,
      },
    );
    tokenizer.write(html);
    tokenizer.end();
    while (this.#stack.length > 0) this.#pop();
    return {
      visible: this.#visible.toString(),
      hidden: this.#hidden.toString(),
      links: this.#links.map(finishLink),
      images: this.#images,
      tooManyLinks: this.#tooManyLinks,
    };
  }

  #text(text: string): void {
    const { tag, look, link, preformatted } = this.#top;
    if (CODE.has(tag)) {
      if (tag === 'style') this.#css.push(text);
      return;
    }
    const white = preformatted ? 'preformatted' : 'collapsed';
    if (isHidden(look)) {
      this.#hidden.add(text, white);
      if (link?.hidden === true && link.text.length < MAX_LINK_TEXT) link.text += text.slice(0, MAX_LINK_TEXT);
      return;
    }
    const seen = this.#visible.add(text, white);
    if (link !== null) {
      if (link.text.length < MAX_LINK_TEXT) link.text += seen.slice(0, MAX_LINK_TEXT);
    } else if (this.#ended !== null) {
      this.#ended.after += seen.slice(0, MAX_AFTER);
      if (this.#ended.after.length >= MAX_AFTER) this.#ended = null;
    }
  }

  #opened(_selfClosing: boolean): void {
    const tag = this.#tag;
    const attributes = this.#attributes;
    this.#endImplied(tag);
    if (tag === 'br') this.#visible.breakLine();
    else if (BLOCK.has(tag)) this.#breakBlock(tag);
    else if (CELL.has(tag)) this.#space();
    const look = this.#lookOf(tag, attributes);
    if (tag === 'img' || tag === 'input') this.#image(attributes, look);
    const link = this.#linkOf(tag, attributes, look);
    if (VOID.has(tag)) return;
    this.#push({
      tag,
      look,
      link: link ?? this.#top.link,
      preformatted:
        this.#top.preformatted || tag === 'pre' || tag === 'textarea' || tag === 'xmp' || tag === 'plaintext',
    });
  }

  #lookOf(tag: string, attributes: ReadonlyMap<string, string>): Look {
    const around = this.#top.look;
    if (UNSHOWN.has(tag) || (attributes.size > 0 && attributes.has('hidden'))) return { ...around, gone: true };
    let look = around;
    if (!this.#sheet.empty) {
      for (const rule of this.#rulesFor(tag, attributes.get('class'), attributes.get('id')))
        look = lookWithin(look, rule);
    }
    if (attributes.size === 0) return look;
    const style = this.#declarations(attributes.get('style'));
    const colour = attributes.get('color');
    // What a picture is behind is not known to be of one colour.
    const background = attributes.has('background') ? '' : attributes.get('bgcolor');
    if (colour !== undefined || background !== undefined) look = withColours(look, colour, background);
    return lookWithin(look, style);
  }

  #declarations(style: string | undefined): Declarations {
    if (style === undefined) return NO_DECLARATIONS;
    const known = this.#styles.get(style);
    if (known !== undefined) return known;
    const read = readDeclarations(style);
    if (this.#styles.size < MAX_REMEMBERED) this.#styles.set(style, read);
    return read;
  }

  #rulesFor(tag: string, classes: string | undefined, id: string | undefined): readonly Declarations[] {
    if (id !== undefined) return this.#sheet.matching(tag, classes, id);
    const key = classes === undefined ? tag : `${tag} ${classes}`;
    const known = this.#matching.get(key);
    if (known !== undefined) return known;
    const found = this.#sheet.matching(tag, classes, id);
    if (this.#matching.size < MAX_REMEMBERED) this.#matching.set(key, found);
    return found;
  }

  #linkOf(tag: string, attributes: ReadonlyMap<string, string>, look: Look): OpenLink | null {
    const url =
      tag === 'a' || tag === 'area' ? attributes.get('href') : tag === 'form' ? attributes.get('action') : undefined;
    const written = url?.replace(/[\t\r\n]+/g, '').trim() ?? '';
    if (written === '') return null;
    if (this.#links.length >= this.maxLinks) {
      this.#tooManyLinks = true;
      return null;
    }
    const link: OpenLink = {
      url: written.slice(0, MAX_URL),
      text: tag === 'area' ? (attributes.get('alt') ?? '') : '',
      kind: tag === 'form' ? 'form' : 'anchor',
      hidden: isHidden(look),
      before: this.#visible.tail,
      after: '',
      hasImage: tag !== 'a',
    };
    this.#links.push(link);
    this.#ended = null;
    // A form is no link that its text would name.
    return tag === 'a' ? link : null;
  }

  #image(attributes: ReadonlyMap<string, string>, look: Look): void {
    const url = attributes.get('src')?.trim() ?? '';
    const alt = attributes.get('alt') ?? '';
    const hidden = isHidden({ ...look, sizeless: false, colour: null });
    const { link } = this.#top;
    if (link !== null && !hidden) {
      link.hasImage = true;
      if (link.text.length < MAX_LINK_TEXT) link.text += ` ${alt.slice(0, MAX_LINK_TEXT)} `;
    }
    if (url === '') return;
    if (this.#images.length < this.maxLinks) this.#images.push({ url: url.slice(0, MAX_URL), alt, hidden });
    else this.#tooManyLinks = true;
  }

  /** Comments are hidden text; those for Outlook's eyes alone are markup and say little. */
  #comment(text: string): void {
    if (CODE.has(this.#top.tag) || /^\[(?:if|endif)/i.test(text) || text.trim() === '') return;
    this.#hidden.breakLines(1);
    this.#hidden.add(text);
    this.#hidden.breakLines(1);
  }

  #closed(tag: string): void {
    if (this.#beyond > 0) {
      this.#beyond -= 1;
      return;
    }
    if (tag === 'br') this.#visible.breakLine();
    if ((this.#open.get(tag) ?? 0) === 0) {
      if (tag === 'p') this.#breakBlock('p');
      return;
    }
    while (this.#pop().tag !== tag);
  }

  #endImplied(tag: string): void {
    const ends = ENDS[tag] ?? (BLOCK.has(tag) ? ENDS_PARAGRAPH : undefined);
    if (ends === undefined || this.#beyond > 0) return;
    while (ends.has(this.#top.tag)) this.#pop();
    // A link within a link ends it, however deep it is; so do table cells what is open in the one before.
    if (tag === 'a' && (this.#open.get('a') ?? 0) > 0) while (this.#pop().tag !== 'a');
  }

  #push(element: Element): void {
    if (this.#stack.length >= MAX_DEPTH) {
      this.#beyond += 1;
      return;
    }
    this.#stack.push(this.#top);
    this.#top = element;
    this.#open.set(element.tag, (this.#open.get(element.tag) ?? 0) + 1);
  }

  #pop(): Element {
    const closed = this.#top;
    this.#top = this.#stack.pop() ?? closed;
    this.#open.set(closed.tag, (this.#open.get(closed.tag) ?? 1) - 1);
    if (closed.tag === 'style') {
      this.#sheet.add(this.#css.join(''));
      this.#matching.clear();
      this.#css = [];
    }
    if (closed.link !== null && closed.link !== this.#top.link) this.#ended = closed.link;
    if (BLOCK.has(closed.tag)) this.#breakBlock(closed.tag);
    else if (CELL.has(closed.tag)) this.#space();
    return closed;
  }

  #breakBlock(tag: string): void {
    this.#ended = null;
    const flow = isHidden(this.#top.look) ? this.#hidden : this.#visible;
    flow.breakLines(PARAGRAPH.has(tag) ? 2 : 1);
  }

  #space(): void {
    (isHidden(this.#top.look) ? this.#hidden : this.#visible).add(' ');
  }
}

function finishLink({ hasImage, ...link }: OpenLink): HtmlLink {
  const text = link.text.replace(/\s+/g, ' ').trim();
  return {
    ...link,
    text,
    // Nothing to click on.
    hidden: link.hidden || (text === '' && !hasImage),
    before: link.before.trim(),
    after: link.after.replace(/\s+/g, ' ').trim(),
  };
}
