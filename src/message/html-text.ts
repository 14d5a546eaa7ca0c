/**
 * HTML to what a reader sees of it, what is hidden in it, and its links. Built on
 * htmlparser2's tokenizer and not on its parser, whose stack takes quadratic time
 * for hostile nesting; elements are only followed as far as they change what is seen.
 */

import { decodeHTML, decodeHTMLAttribute } from 'entities';
import { Tokenizer } from 'htmlparser2';
import { collapseSpace } from './collapse-space.js';
import {
  changeBy,
  isHidden,
  type Look,
  type LookChange,
  lookWithin,
  PLAIN_LOOK,
  readDeclarations,
  withColours,
} from './hiding.js';
import { type HtmlTag, htmlTag } from './html-tags.js';
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
  readonly tag: HtmlTag;
  readonly look: Look;
  readonly link: OpenLink | null;
  readonly preformatted: boolean;
}

/** Deeper ones look as the deepest of these does. */
const MAX_DEPTH = 300;
const MAX_LINK_TEXT = 300;
const MAX_AFTER = 120;
const MAX_URL = 8_192;
/** Of attributes, with entities in it. */
const MAX_VALUE = 4 * MAX_URL;
const MAX_REMEMBERED = 300;
/** In these `&amp;` is five characters. */
const UNDECODED = new Set(['xmp', 'plaintext', 'noembed', 'noframes', 'iframe']);

/** Attributes that matter; undefined: the element has it not. */
type Attributes = Partial<Record<(typeof WANTED)[number], string>>;

const WANTED = [
  ...(['href', 'src', 'style', 'hidden', 'class', 'id', 'alt'] as const),
  ...(['bgcolor', 'color', 'background', 'action'] as const),
] as const;
const BY_NAME: ReadonlyMap<string, keyof Attributes> = new Map(WANTED.map((name) => [name, name]));
const NONE: Attributes = {};

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
  #top: Element = { tag: htmlTag(''), look: PLAIN_LOOK, link: null, preformatted: false };
  /** A link that has ended, and still gets what follows it. */
  #ended: OpenLink | null = null;
  #tooManyLinks = false;
  #tag = htmlTag('');
  #attribute: keyof Attributes | undefined;
  #value = '';
  #attributes: Attributes = NONE;
  #css: string[] = [];
  /** Styles repeat from cell to cell. */
  readonly #styles = new Map<string, LookChange | null>();
  readonly #matching = new Map<string, readonly LookChange[]>();

  constructor(
    private readonly html: string,
    private readonly maxLinks: number,
  ) {}

  read(): HtmlText {
    const { html } = this;
    const nothing = (): void => undefined;
    const tokenizer = new Tokenizer(
      // Entities are decoded here, where there are any: the tokenizer then passes by text natively.
      { decodeEntities: false },
      {
        ontext: (start, end) => this.#text(html.slice(start, end)),
        ontextentity: nothing,
        onopentagname: (start, end) => {
          this.#tag = htmlTag(html.slice(start, end).toLowerCase());
          this.#attributes = NONE;
        },
        onattribname: (start, end) => {
          this.#attribute = BY_NAME.get(html.slice(start, end).toLowerCase());
          this.#value = '';
        },
        onattribdata: (start, end) => {
          if (this.#attribute !== undefined) this.#value = html.slice(start, Math.min(end, start + MAX_VALUE));
        },
        onattribentity: nothing,
        onattribend: () => this.#attributeEnded(),
        onopentagend: () => this.#opened(),
        onselfclosingtag: () => this.#opened(),
        onclosetag: (start, end) => this.#closed(htmlTag(html.slice(start, end).toLowerCase())),
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

  /** The first of several alike counts. */
  #attributeEnded(): void {
    const name = this.#attribute;
    if (name === undefined) return;
    if (this.#attributes === NONE) this.#attributes = {};
    this.#attributes[name] ??= this.#value.includes('&') ? decodeHTMLAttribute(this.#value) : this.#value;
  }

  #text(raw: string): void {
    const { tag, look, link, preformatted } = this.#top;
    if (tag.code) {
      if (tag.name === 'style') this.#css.push(raw);
      return;
    }
    const text = raw.includes('&') && !UNDECODED.has(tag.name) ? decodeHTML(raw) : raw;
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

  #opened(): void {
    const tag = this.#tag;
    const attributes = this.#attributes;
    this.#endImplied(tag);
    if (tag.name === 'br') this.#visible.breakLine();
    else if (tag.block) this.#breakBlock(tag);
    else if (tag.cell) this.#space();
    const look = this.#lookOf(tag, attributes);
    if (tag.name === 'img' || tag.name === 'input') this.#image(attributes, look);
    const link = attributes === NONE ? null : this.#linkOf(tag.name, attributes, look);
    if (tag.isVoid) return;
    const { link: around, preformatted } = this.#top;
    this.#push({ tag, look, link: link ?? around, preformatted: preformatted || tag.preformatted });
  }

  #lookOf(tag: HtmlTag, attributes: Attributes): Look {
    const around = this.#top.look;
    if (tag.unshown || attributes.hidden !== undefined) return { ...around, gone: true };
    let look = around;
    if (!this.#sheet.empty) {
      for (const change of this.#changesFor(tag.name, attributes)) look = lookWithin(look, change);
    }
    if (attributes === NONE) return look;
    const { style, color, background, bgcolor } = attributes;
    // What a picture is behind is not known to be of one colour.
    const colour = background === undefined ? bgcolor : '';
    if (color !== undefined || colour !== undefined) look = withColours(look, color, colour);
    const change = style === undefined ? null : this.#changeBy(style);
    return change === null ? look : lookWithin(look, change);
  }

  #changeBy(style: string): LookChange | null {
    const known = this.#styles.get(style);
    if (known !== undefined) return known;
    const change = changeBy(readDeclarations(style));
    if (this.#styles.size < MAX_REMEMBERED) this.#styles.set(style, change);
    return change;
  }

  #changesFor(tag: string, { class: classes, id }: Attributes): readonly LookChange[] {
    const find = () => this.#sheet.matching(tag, classes, id).flatMap((rule) => changeBy(rule) ?? []);
    if (id !== undefined) return find();
    const key = classes === undefined ? tag : `${tag} ${classes}`;
    const known = this.#matching.get(key);
    if (known !== undefined) return known;
    const found = find();
    if (this.#matching.size < MAX_REMEMBERED) this.#matching.set(key, found);
    return found;
  }

  #linkOf(tag: string, { href, action, alt }: Attributes, look: Look): OpenLink | null {
    const url = tag === 'a' || tag === 'area' ? href : tag === 'form' ? action : undefined;
    if (url === undefined) return null;
    const written = url.replace(/[\t\r\n]+/g, '').trim();
    if (written === '') return null;
    if (this.#links.length >= this.maxLinks) {
      this.#tooManyLinks = true;
      return null;
    }
    const link: OpenLink = {
      url: written.slice(0, MAX_URL),
      text: tag === 'area' ? (alt ?? '') : '',
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

  #image({ src, alt = '' }: Attributes, look: Look): void {
    const url = src?.trim() ?? '';
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
    if (this.#top.tag.code || /^\[(?:if|endif)/i.test(text) || text.trim() === '') return;
    this.#hidden.breakLines(1);
    this.#hidden.add(text);
    this.#hidden.breakLines(1);
  }

  #closed(tag: HtmlTag): void {
    if (this.#beyond > 0) {
      this.#beyond -= 1;
      return;
    }
    if (tag.name === 'br') this.#visible.breakLine();
    if ((this.#open.get(tag.name) ?? 0) === 0) {
      if (tag.name === 'p') this.#breakBlock(tag);
      return;
    }
    while (this.#pop().name !== tag.name);
  }

  #endImplied({ name, ends }: HtmlTag): void {
    if (ends.size === 0 || this.#beyond > 0) return;
    while (ends.has(this.#top.tag.name)) this.#pop();
    // A link within a link ends it, however deep it is; so do table cells what is open in the one before.
    if (name === 'a' && (this.#open.get('a') ?? 0) > 0) while (this.#pop().name !== 'a');
  }

  #push(element: Element): void {
    if (this.#stack.length >= MAX_DEPTH) {
      this.#beyond += 1;
      return;
    }
    this.#stack.push(this.#top);
    this.#top = element;
    const { name } = element.tag;
    this.#open.set(name, (this.#open.get(name) ?? 0) + 1);
  }

  #pop(): HtmlTag {
    const { tag, link } = this.#top;
    this.#top = this.#stack.pop() ?? this.#top;
    this.#open.set(tag.name, (this.#open.get(tag.name) ?? 1) - 1);
    if (tag.name === 'style') {
      this.#sheet.add(this.#css.join(''));
      this.#matching.clear();
      this.#css = [];
    }
    if (link !== null && link !== this.#top.link) this.#ended = link;
    if (tag.block) this.#breakBlock(tag);
    else if (tag.cell) this.#space();
    return tag;
  }

  #breakBlock({ paragraph }: HtmlTag): void {
    this.#ended = null;
    const flow = isHidden(this.#top.look) ? this.#hidden : this.#visible;
    flow.breakLines(paragraph ? 2 : 1);
  }

  #space(): void {
    (isHidden(this.#top.look) ? this.#hidden : this.#visible).add(' ');
  }
}

function finishLink({ url, text, kind, hidden, before, after, hasImage }: OpenLink): HtmlLink {
  const collapsed = collapseSpace(text);
  return {
    url,
    text: collapsed,
    kind,
    // Nothing to click on.
    hidden: hidden || (collapsed === '' && !hasImage),
    before: before.trim(),
    after: collapseSpace(after),
  };
}
